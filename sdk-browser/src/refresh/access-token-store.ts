import type { Timers } from '../platform/timers.ts';

/** The access token of this tab, in memory only. */
export interface AccessTokenStore {
  set(token: string, expiresInSeconds: number): void;
  /** The token while it lives, by the monotonic clock. */
  getValid(): string | undefined;
  /** Forgets the token. */
  clear(): void;
}

/** A token on its way may be as old as its journey: it counts as dead a little early. */
const marginMs = 5_000;

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
