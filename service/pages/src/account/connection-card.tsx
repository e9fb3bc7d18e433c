import type { SessionState } from '@latchkey/sdk-browser';
import { connectionLabel } from '../messages.ts';
import { words } from '../words/words.ts';

interface ConnectionCardProps {
  readonly state: SessionState;
  readonly disconnect: () => void;
}

/** Shows the state of the socket and the token's generation, with a button that disconnects. */
export function ConnectionCard({ state, disconnect }: ConnectionCardProps) {
  const { label, description } = connectionLabel(state);
  return (
    <section class="card" aria-labelledby="connection-title" data-status={state.status}>
      <h2 id="connection-title">{words().account.connection}</h2>
      <p class="status" role="status" data-testid="status">
        <strong class="status-word">{label}</strong> <span class="status-meaning">{description}</span>
      </p>
      <p class="count">
        <span class="generation" id="generation" data-testid="generation">
          {state.generation ?? '–'}
        </span>
        <span>{words().account.generation}</span>
      </p>
      <p class="hint">{words().account.cutHint}</p>
      <button type="button" data-testid="cut" onClick={disconnect}>
        {words().account.cut}
      </button>
    </section>
  );
}
