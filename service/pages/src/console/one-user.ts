import { element } from '../element.ts';
import type { Names } from './names.ts';

/** Says whose a list is that shows one user's alone, and leads to everybody's. */
export function createOneUser(names: Names, id: string, everybody: string): HTMLElement {
  return element(
    'p',
    { class: 'notice', 'data-testid': 'one-user' },
    'Those of ',
    names.show(id, element('strong')),
    ' alone. ',
    element('a', { href: everybody }, 'Show everybody’s'),
  );
}
