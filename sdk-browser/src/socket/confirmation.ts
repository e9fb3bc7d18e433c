import type { Timers } from '../platform/timers.ts';
import type { Jar } from '../storage/jar.ts';
import type { HeldToken } from '../storage/token.ts';

/** The acknowledgement of `authenticated`: the token is stored, and has survived a while (docs/token-storage.md#later-generations-only). */
interface Confirmation {
  /** Acknowledges ten seconds from now, if the jar still holds this generation or a later one. */
  later(held: HeldToken, acknowledge: () => void): void;
  /** The connection went. An old acknowledgement must never reach a new one, where its number may mean another. */
  cancel(): void;
}

/** Longer than a write takes to every tab and back, shorter than the service waits for who shows an older token (10 s). */
const lookAfterMs = 3_000;
const confirmAfterMs = 10_000;

export function createConfirmation({
  timers,
  jar,
}: {
  timers: Timers;
  jar: Pick<Jar, 'read' | 'written'>;
}): Confirmation {
  let cancelTimer = (): void => {};
  return Object.freeze({
    later({ sid, gen }: HeldToken, acknowledge: () => void) {
      cancelTimer();
      const acknowledgeIfKept = (): void => {
        const now = jar.read();
        if (now?.sid === sid && now.gen >= gen) acknowledge();
      };
      const confirm = (): void => {
        const written = jar.written?.();
        let isCancelled = false;
        cancelTimer = () => {
          isCancelled = true;
        };
        if (written === undefined) acknowledgeIfKept();
        else void written.then(() => isCancelled || acknowledgeIfKept());
      };
      cancelTimer = timers.after(lookAfterMs, () => {
        // A tab that wrote at once may have left the older token, and nothing may tell of it: reading puts it right.
        jar.read();
        cancelTimer = timers.after(confirmAfterMs - lookAfterMs, confirm);
      });
    },
    cancel: () => cancelTimer(),
  });
}
