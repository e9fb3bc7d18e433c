import { fail } from '../fail.ts';
import { createAccess } from '../refresh/access.ts';
import { oneFlight } from '../refresh/one-flight.ts';
import type { Core } from '../session-core.ts';

/** The session's token for `/admin`, in memory only, as long as that session is the one here. */
export interface AdminToken {
  live(): string | undefined;
  /** Forgets the token. */
  drop(): void;
  /**
   * A new one over the live socket; concurrent calls share it. Rejects with `forbidden` (no operator),
   * `reauthentication_required` (signed in too long ago), or `unavailable` while there is no live connection.
   */
  mint(): Promise<void>;
  /** The live one, or a new one. */
  fresh(): Promise<string>;
}

type Needs = Pick<Core, 'timers' | 'calls' | 'conversation' | 'events'>;

export function createAdminToken({ timers, calls, conversation, events }: Needs): AdminToken {
  const { set, live, drop } = createAccess(timers);
  let owner: string | undefined;

  const mint = oneFlight(async () => {
    const sid = conversation.liveSid;
    if (sid === undefined) throw fail('unavailable');
    const answer = await calls.refresh({ admin: true });
    if (conversation.liveSid !== sid) throw fail('unavailable');
    owner = sid;
    set(answer.access_token, answer.access_token_expires_in);
  });
  events.on('state', ({ sessionId }) => {
    if (sessionId !== owner) drop();
  });
  return Object.freeze({
    live,
    drop,
    mint,
    async fresh() {
      if (live() === undefined) await mint();
      const token = live();
      if (token === undefined) throw fail('unavailable');
      return token;
    },
  });
}
