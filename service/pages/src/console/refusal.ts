import { type Failure, pagePaths } from '@latchkey/contract';
import { element } from '../element.ts';
import { sentenceOfError } from '../words.ts';

const sentences: Readonly<Record<string, string>> = {
  forbidden: 'This page is for operators of the service, and you are none.',
  reauthentication_required:
    'You signed in more than twelve hours ago. Log out on your account page, and sign in again.',
};

/** Why the console is not shown, and the way back. */
export function createRefusal(failure: Failure): HTMLElement {
  return element(
    'section',
    { class: 'card', 'aria-labelledby': 'refused-title' },
    element('h2', { id: 'refused-title', tabindex: -1 }, 'No access'),
    element(
      'p',
      { role: 'alert', 'data-testid': 'refused' },
      Object.hasOwn(sentences, failure.code) ? (sentences[failure.code] as string) : sentenceOfError(failure),
    ),
    element('p', {}, element('a', { href: pagePaths.account }, 'Go to your account')),
  );
}
