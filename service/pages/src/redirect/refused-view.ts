import { Failure } from '@latchkey/contract';
import { element } from '../element.ts';
import type { View } from '../view.ts';
import { sentenceOfError } from '../words.ts';

const title = 'This sign-in cannot go on';

/** Why nobody is asked for a password here. It leads nowhere: the address that was asked for is not to be trusted. */
export function createRefusedView(error: unknown): View {
  const isMistake = error instanceof Failure && error.code === 'invalid_request';
  const node = element(
    'section',
    { class: 'card entry', 'aria-labelledby': 'title' },
    element('h1', { id: 'title', tabindex: -1 }, title),
    element(
      'p',
      { class: 'notice', role: 'alert', 'data-testid': 'refused' },
      isMistake
        ? 'The app that sent you here is not known, or asked in a wrong way. Go back to it and try again.'
        : `${sentenceOfError(error)} Load this page again.`,
    ),
    isMistake ? createMistakes(error) : undefined,
  );
  return Object.freeze({ title, node, update: () => {}, close: () => {} });
}

function createMistakes({ details = [] }: Failure): HTMLElement {
  return element(
    'details',
    {},
    element('summary', {}, 'For developers'),
    element(
      'ul',
      { 'data-testid': 'mistakes' },
      ...details.map(({ path, message }) => element('li', {}, element('code', {}, path), ` ${message}`)),
    ),
  );
}
