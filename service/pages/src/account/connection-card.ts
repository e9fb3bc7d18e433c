import type { SessionState } from '@latchkey/sdk-browser';
import { element, setText } from '../element.ts';
import { connectionLabel } from '../messages.ts';

interface ConnectionCard {
  readonly node: HTMLElement;
  update(state: SessionState): void;
}

/** Shows the state of the socket and the token's generation, with a button that disconnects. */
export function createConnectionCard(disconnect: () => void): ConnectionCard {
  const label = element('strong', { class: 'status-word' });
  const description = element('span', { class: 'status-meaning' });
  const status = element('p', { class: 'status', role: 'status', 'data-testid': 'status' }, label, ' ', description);
  const generation = element('span', { class: 'generation', id: 'generation', 'data-testid': 'generation' }, '–');
  const button = element('button', { type: 'button', 'data-testid': 'cut', onclick: disconnect }, 'Cut the connection');
  const node = element(
    'section',
    { class: 'card', 'aria-labelledby': 'connection-title' },
    element('h2', { id: 'connection-title' }, 'Connection'),
    status,
    element('p', { class: 'count' }, generation, element('span', {}, 'generation of the session’s token')),
    element('p', { class: 'hint' }, 'Each reconnect replaces the session’s token. Try it:'),
    button,
  );
  return Object.freeze({
    node,
    update(state: SessionState) {
      const words = connectionLabel(state);
      setText(label, words.label);
      setText(description, words.description);
      setText(generation, state.generation === undefined ? '–' : String(state.generation));
      node.dataset.status = state.status;
    },
  });
}
