import type { SessionState } from '@latchkey/sdk-browser';
import { connectionLabel } from './session-messages.ts';

interface ConnectionStatusProps {
  readonly state: SessionState;
  /** Shows nothing. The element stays, so that a screen reader announces a later status. */
  readonly isSilent?: boolean;
}

/** The state of the connection in one word, and what it means. */
export function ConnectionStatus({ state, isSilent = false }: ConnectionStatusProps) {
  const { label, description } = connectionLabel(state);
  return (
    <p class="status" role="status" data-testid="status">
      {!isSilent && (
        <>
          <strong class="status-word">{label}</strong> <span class="status-meaning">{description}</span>
        </>
      )}
    </p>
  );
}
