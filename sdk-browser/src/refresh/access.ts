import type { Timers } from '../platform/timers.ts';

/** The access token of this tab, in memory only. */
export interface Access {
  set(token: string, expiresInSeconds: number): void;
  /** The token while it lives, by the monotonic clock. */
  live(): string | undefined;
  /** Forgets the token. */
  drop(): void;
}

/** A token on its way may be as old as its journey: it counts as dead a little early. */
const marginMs = 5_000;

export function createAccess(timers: Timers): Access {
  let held: { token: string; until: number } | undefined;
  return Object.freeze({
    set(token: string, expiresInSeconds: number) {
      held = { token, until: timers.now() + expiresInSeconds * 1000 - marginMs };
    },
    live: () => (held !== undefined && timers.now() < held.until ? held.token : undefined),
    drop() {
      held = undefined;
    },
  });
}
