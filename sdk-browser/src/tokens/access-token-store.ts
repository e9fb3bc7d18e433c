import type { Timers } from '../platform/timers.ts';

/** How much earlier a token counts as expired, because of the time that it spent in transit. */
const marginMs = 5_000;

/** Creates an empty store. */
export function createAccessTokenStore(timers: Timers) {
  let held: { token: string; until: number } | undefined;
  return Object.freeze({
    /** Stores a token that expires in `expiresInSeconds`. */
    set(token: string, expiresInSeconds: number) {
      held = { token, until: timers.now() + expiresInSeconds * 1000 - marginMs };
    },
    /** Returns the token until it expires, by the monotonic clock. */
    getValid: () => (held !== undefined && timers.now() < held.until ? held.token : undefined),
    clear() {
      held = undefined;
    },
  });
}

/** The access token of this tab, in memory only. */
export type AccessTokenStore = ReturnType<typeof createAccessTokenStore>;
