import { fail } from '../platform/fail.ts';
import { singleFlight } from '../platform/single-flight.ts';
import type { SessionCore } from '../session/session-core.ts';
import { createAccessTokenStore } from '../tokens/access-token-store.ts';

/** The token of a session for `/admin`. Kept in memory, and cleared when the session of this tab changes. */
export interface AdminToken {
  /** Returns the token, or `undefined` after its expiry. */
  getValid(): string | undefined;
  clear(): void;
  /**
   * Gets a new token over the live socket. Concurrent calls share one request. Rejects with `forbidden` (not an operator),
   * `reauthentication_required` (signed in too long ago), or `unavailable` without a live connection.
   */
  renew(): Promise<void>;
  /** Resolves with the valid token, or with a new one. Rejects as `renew` does. */
  getOrRenew(): Promise<string>;
}

type AdminTokenDeps = Pick<SessionCore, 'timers' | 'calls' | 'authenticator' | 'events'>;

/** Creates the admin token of a session, empty at first. */
export function createAdminToken({ timers, calls, authenticator, events }: AdminTokenDeps): AdminToken {
  const { set, getValid, clear } = createAccessTokenStore(timers);
  let ownerSessionId: string | undefined;

  const renew = singleFlight(async () => {
    const sid = authenticator.liveSessionId;
    if (sid === undefined) throw fail('unavailable');
    const answer = await calls.refresh({ admin: true });
    if (authenticator.liveSessionId !== sid) throw fail('unavailable');
    ownerSessionId = sid;
    set(answer.access_token, answer.access_token_expires_in);
  });
  events.on('state', ({ sessionId }) => {
    if (sessionId !== ownerSessionId) clear();
  });
  return Object.freeze({
    getValid,
    clear,
    renew,
    async getOrRenew() {
      if (getValid() === undefined) await renew();
      const token = getValid();
      if (token === undefined) throw fail('unavailable');
      return token;
    },
  });
}
