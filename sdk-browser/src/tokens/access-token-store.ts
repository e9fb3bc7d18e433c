import type { Timers } from '../platform/timers.ts';

/** The access token of this tab, in memory only. */
export interface AccessTokenStore {
  /** Stores a token that expires in `expiresInSeconds`. */
  set(token: string, expiresInSeconds: number): void;
  /** Returns the token until it expires, by the monotonic clock. */
  getValid(): string | undefined;
  clear(): void;
}

/** How much earlier a token counts as expired, because of the time that it spent in transit. */
const marginMs = 5_000;

/** Creates an empty store. */
export function createAccessTokenStore(timers: Timers): AccessTokenStore {
  let held: { token: string; until: number } | undefined;
  return Object.freeze({
    set(token: string, expiresInSeconds: number) {
      held = { token, until: timers.now() + expiresInSeconds * 1000 - marginMs };
    },
    getValid: () => (held !== undefined && timers.now() < held.until ? held.token : undefined),
    clear() {
      held = undefined;
    },
  });
}
