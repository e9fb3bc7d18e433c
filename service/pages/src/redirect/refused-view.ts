import { Failure } from '@latchkey/contract';
import { element } from '../element.ts';
import { errorMessage } from '../messages.ts';
import type { View } from '../view.ts';

const title = 'This sign-in cannot continue';

/** The reason why there is no password form. Has no link, because the requested address is not trusted. */
export function createRefusedView(error: unknown): View {
  const isInvalidRequest = error instanceof Failure && error.code === 'invalid_request';
  const node = element(
    'section',
    { class: 'card entry', 'aria-labelledby': 'title' },
    element('h1', { id: 'title', tabindex: -1 }, title),
    element(
      'p',
      { class: 'notice', role: 'alert', 'data-testid': 'refused' },
      isInvalidRequest
        ? 'The app that sent you here is unknown, or its request is invalid. Go back to the app and try again.'
        : `${errorMessage(error)} Load this page again.`,
    ),
    isInvalidRequest ? createErrorList(error) : undefined,
  );
  return Object.freeze({ title, node, update: () => {}, close: () => {} });
}

function createErrorList({ details = [] }: Failure): HTMLElement {
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
