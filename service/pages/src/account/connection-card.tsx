import type { SessionState } from '@latchkey/sdk-browser';
import { connectionLabel } from '../messages.ts';

interface ConnectionCardProps {
  readonly state: SessionState;
  readonly disconnect: () => void;
}

/** Shows the state of the socket and the token's generation, with a button that disconnects. */
export function ConnectionCard({ state, disconnect }: ConnectionCardProps) {
  const { label, description } = connectionLabel(state);
  return (
    <section class="card" aria-labelledby="connection-title" data-status={state.status}>
      <h2 id="connection-title">Connection</h2>
      <p class="status" role="status" data-testid="status">
        <strong class="status-word">{label}</strong> <span class="status-meaning">{description}</span>
      </p>
      <p class="count">
        <span class="generation" id="generation" data-testid="generation">
          {state.generation ?? '–'}
        </span>
        <span>generation of the session’s token</span>
      </p>
      <p class="hint">Each reconnect replaces the session’s token. Try it:</p>
      <button type="button" data-testid="cut" onClick={disconnect}>
        Cut the connection
      </button>
    </section>
  );
}
