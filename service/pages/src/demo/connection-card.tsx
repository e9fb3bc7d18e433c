import type { SessionState } from '@latchkey/sdk-browser';
import { ConnectionStatus } from '../account/connection-status.tsx';
import { words } from '../words/words.ts';

interface ConnectionCardProps {
  readonly state: SessionState;
  readonly disconnect: () => void;
}

/** Shows the state of the socket and the token's generation, with a button that disconnects. */
export function ConnectionCard({ state, disconnect }: ConnectionCardProps) {
  const { demo } = words();
  return (
    <section class="card" aria-labelledby="connection-title">
      <h2 id="connection-title">{demo.connection}</h2>
      <ConnectionStatus state={state} />
      <p class="count">
        <span class="generation" data-testid="generation">
          {state.generation ?? '–'}
        </span>
        <span>{demo.generation}</span>
      </p>
      <p class="hint">{demo.cutHint}</p>
      <button type="button" data-testid="cut" onClick={disconnect}>
        {demo.cut}
      </button>
    </section>
  );
}
