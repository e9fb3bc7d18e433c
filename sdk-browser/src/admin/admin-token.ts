import { fail } from '../fail.ts';
import { createAccessTokenStore } from '../refresh/access-token-store.ts';
import { singleFlight } from '../refresh/single-flight.ts';
import type { SessionCore } from '../session-core.ts';

/** The session's token for `/admin`, in memory only, as long as that session is the one here. */
export interface AdminToken {
  getValid(): string | undefined;
  /** Forgets the token. */
  clear(): void;
  /**
   * A new one over the live socket; concurrent calls share it. Rejects with `forbidden` (no operator),
   * `reauthentication_required` (signed in too long ago), or `unavailable` while there is no live connection.
   */
  renew(): Promise<void>;
  /** The live one, or a new one. */
  getOrRenew(): Promise<string>;
}

type AdminTokenDeps = Pick<SessionCore, 'timers' | 'calls' | 'authenticator' | 'events'>;

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
