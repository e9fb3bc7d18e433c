import type { Timers } from '../platform/timers.ts';
import type { StoredToken } from '../storage/token.ts';
import type { TokenStore } from '../storage/token-store.ts';

/** The acknowledgement of `authenticated`: the token is stored, and has survived a while (docs/token-storage.md#later-generations-only). */
interface TokenAck {
  /** Acknowledges ten seconds from now, if the jar still holds this generation or a later one. */
  schedule(held: StoredToken, acknowledge: () => void): void;
  /** The connection went. An old acknowledgement must never reach a new one, where its number may mean another. */
  cancel(): void;
}

/** Longer than a write takes to every tab and back, shorter than the service waits for who shows an older token (10 s). */
const recheckAfterMs = 3_000;
const ackAfterMs = 10_000;

export function createTokenAck({
  timers,
  tokenStore,
}: {
  timers: Timers;
  tokenStore: Pick<TokenStore, 'read' | 'whenWritten'>;
}): TokenAck {
  let cancelTimer = (): void => {};
  return Object.freeze({
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
        // A tab that wrote at once may have left the older token, and nothing may tell of it: reading puts it right.
        tokenStore.read();
        cancelTimer = timers.after(ackAfterMs - recheckAfterMs, confirm);
      });
    },
    cancel: () => cancelTimer(),
  });
}
