import { element } from '../element.ts';
import type { NameCache } from './name-cache.ts';

/** Names the user whose entries the list shows, with a link to those of all users. */
export function createUserFilterNotice(names: NameCache, id: string, showAllHref: string): HTMLElement {
  return element(
    'p',
    { class: 'notice', 'data-testid': 'one-user' },
    'Only the user ',
    names.show(id, element('strong')),
    '. ',
    element('a', { href: showAllHref }, 'Show all users'),
  );
}
