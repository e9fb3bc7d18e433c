import { type Failure, pagePaths } from '@latchkey/contract';
import { element } from '../element.ts';
import { errorMessage } from '../messages.ts';
import { createButton } from './button.ts';
import { createResultMessage } from './result-message.ts';

const messages: Readonly<Record<string, string>> = {
  forbidden: 'Only operators of the service may open this page.',
  reauthentication_required: 'You signed in more than twelve hours ago. Sign in again to open this page.',
};

/** States why the console is not shown, with a link to the account and, after an old sign-in, a button to sign in again. */
export function createForbiddenView(failure: Failure, signOut: () => Promise<unknown>): HTMLElement {
  const outcome = createResultMessage();
  const again = () => outcome.run(() => signOut().then(() => ''));
  return element(
    'section',
    { class: 'card', 'aria-labelledby': 'refused-title' },
    element('h2', { id: 'refused-title', tabindex: -1 }, 'No access'),
    element(
      'p',
      { role: 'alert', 'data-testid': 'refused' },
      Object.hasOwn(messages, failure.code) ? (messages[failure.code] as string) : errorMessage(failure),
    ),
    failure.code === 'reauthentication_required'
      ? createButton('Log out and sign in again', again, { class: 'primary' })
      : undefined,
    outcome.node,
    element('p', {}, element('a', { href: pagePaths.account }, 'Go to your account')),
  );
}
