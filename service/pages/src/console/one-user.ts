import { element, setText } from '../element.ts';
import type { ConsoleApi } from './console-api.ts';
import { nameOfAccount } from './console-words.ts';

/** Says whose a list is that shows one user's alone, and leads to everybody's. */
export function createOneUser({ user }: Pick<ConsoleApi, 'user'>, id: string, everybody: string): HTMLElement {
  const name = element('strong', {}, id);
  // Whoever it is, the id says it as well.
  user(id).then(
    (found) => setText(name, nameOfAccount(found)),
    () => {},
  );
  return element(
    'p',
    { class: 'notice', 'data-testid': 'one-user' },
    'Those of ',
    name,
    ' alone. ',
    element('a', { href: everybody }, 'Show everybody’s'),
  );
}
