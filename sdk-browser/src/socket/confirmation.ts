import type { Timers } from '../platform/timers.ts';
import type { Jar } from '../storage/jar.ts';
import type { HeldToken } from '../storage/token.ts';

/** The acknowledgement of `authenticated`: the token is stored, and has survived a while (J5). */
export interface Confirmation {
  /** Acknowledges ten seconds from now, if the jar still holds this generation or a later one. */
  later(held: HeldToken, acknowledge: () => void): void;
  /** The connection went. An old acknowledgement must never reach a new one, where its number may mean another. */
  cancel(): void;
}

const confirmAfterMs = 10_000;

export function createConfirmation({ timers, jar }: { timers: Timers; jar: Pick<Jar, 'read'> }): Confirmation {
  let cancelTimer = (): void => {};
  return Object.freeze({
    later({ sid, gen }: HeldToken, acknowledge: () => void) {
      cancelTimer();
      cancelTimer = timers.after(confirmAfterMs, () => {
        const now = jar.read();
        if (now?.sid === sid && now.gen >= gen) acknowledge();
      });
    },
    cancel: () => cancelTimer(),
  });
}
