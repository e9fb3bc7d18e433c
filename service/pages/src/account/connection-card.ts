import type { SessionState } from '@latchkey/sdk-browser';
import { element, setText } from '../element.ts';
import { wordsOfConnection } from '../words.ts';

interface ConnectionCard {
  readonly node: HTMLElement;
  update(state: SessionState): void;
}

/** The state of the socket in words, the token's generation, and a plug to pull. */
export function createConnectionCard(cut: () => void): ConnectionCard {
  const word = element('strong', { class: 'status-word' });
  const meaning = element('span', { class: 'status-meaning' });
  const status = element('p', { class: 'status', role: 'status', 'data-testid': 'status' }, word, ' ', meaning);
  const generation = element('span', { class: 'generation', id: 'generation', 'data-testid': 'generation' }, '–');
  const plug = element('button', { type: 'button', 'data-testid': 'cut', onclick: cut }, 'Cut the connection');
  const node = element(
    'section',
    { class: 'card', 'aria-labelledby': 'connection-title' },
    element('h2', { id: 'connection-title' }, 'Connection'),
    status,
    element('p', { class: 'count' }, generation, element('span', {}, 'generation of the session’s token')),
    element(
      'p',
      { class: 'hint' },
      'Each time the connection comes back, the old token is dead and a new one takes its place. Try it:',
    ),
    plug,
  );
  return Object.freeze({
    node,
    update(state: SessionState) {
      const words = wordsOfConnection(state);
      setText(word, words.word);
      setText(meaning, words.meaning);
      setText(generation, state.generation === undefined ? '–' : String(state.generation));
      node.dataset.status = state.status;
    },
  });
}
