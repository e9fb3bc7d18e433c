import { element } from '../element.ts';
import type { NameCache } from './name-cache.ts';

/** Says whose a list is that shows one user's alone, and leads to everybody's. */
export function createUserFilterNotice(names: NameCache, id: string, showAllHref: string): HTMLElement {
  return element(
    'p',
    { class: 'notice', 'data-testid': 'one-user' },
    'Those of ',
    names.show(id, element('strong')),
    ' alone. ',
    element('a', { href: showAllHref }, 'Show everybody’s'),
  );
}
