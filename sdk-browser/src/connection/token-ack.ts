import type { Timers } from '../platform/timers.ts';
import type { StoredToken } from '../tokens/token.ts';
import type { TokenStore } from '../tokens/token-store.ts';

/** Longer than a write takes to reach every tab, and shorter than the grace period for an older token (10 s). */
const recheckAfterMs = 3_000;
const ackAfterMs = 10_000;

/** Creates the acknowledgement of one connection. */
export function createTokenAck({
  timers,
  tokenStore,
}: {
  timers: Timers;
  tokenStore: Pick<TokenStore, 'read' | 'whenWritten'>;
}) {
  let cancelTimer = (): void => {};
  return Object.freeze({
    /** Acknowledges after ten seconds, if the token store still has this generation or a later one. */
    schedule({ sid, gen }: StoredToken, acknowledge: () => void) {
      cancelTimer();
      const acknowledgeIfKept = (): void => {
        const now = tokenStore.read();
        if (now?.sid === sid && now.gen >= gen) acknowledge();
      };
      const confirm = (): void => {
        const written = tokenStore.whenWritten?.();
        let isCancelled = false;
        cancelTimer = () => {
          isCancelled = true;
        };
        if (written === undefined) acknowledgeIfKept();
        else void written.then(() => isCancelled || acknowledgeIfKept());
      };
      cancelTimer = timers.after(recheckAfterMs, () => {
        // A concurrent write may have left an older token without an event. A read writes the latest token back.
        tokenStore.read();
        cancelTimer = timers.after(ackAfterMs - recheckAfterMs, confirm);
      });
    },
    /** Cancels, because the connection was lost. On a new connection the id of the acknowledgement belongs to another event. */
    cancel: () => cancelTimer(),
  });
}
