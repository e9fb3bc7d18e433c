import { endsJar, Failure } from '@latchkey/contract';
import { fail } from '../fail.ts';
import type { Http } from '../fetch/http.ts';
import type { DatabaseClock } from '../platform/database-clock.ts';
import type { Timers } from '../platform/timers.ts';
import type { Happening, SessionReason, SessionState } from '../session-state.ts';
import type { Calls } from '../socket/calls.ts';
import type { Conversation } from '../socket/conversation.ts';
import type { Link } from '../socket/link.ts';
import type { Jar } from '../storage/jar.ts';
import type { TabChannel } from '../tab/channel.ts';
import type { Access } from './access.ts';
import { rotateOverHttp } from './http-rotation.ts';
import { oneFlight } from './one-flight.ts';
import type { Refresher } from './refresher.ts';

export interface Renewal {
  /** A new access token: over the live socket, else by the refresh grant. Concurrent calls share one. */
  renew(): Promise<void>;
}

interface RenewalNeeds {
  readonly http: Http;
  readonly jar: Jar;
  readonly access: Access;
  readonly timers: Timers;
  readonly databaseClock: Pick<DatabaseClock, 'stamp'>;
  readonly random: () => number;
  readonly channel: TabChannel;
  readonly link: Link;
  readonly calls: Calls;
  readonly conversation: Conversation;
  readonly refresher: Refresher;
  readonly happen: (happening: Happening) => void;
  readonly settled: () => Promise<SessionState>;
  readonly end: (sid: string, reason: SessionReason) => void;
}

/** The service does not know this connection's session any more: a fresh `authenticate` tells the truth. */
function isDoubtful(failure: Failure): boolean {
  return endsJar(failure.code) || failure.code === 'unauthenticated';
}

async function overSocket(needs: RenewalNeeds, sid: string): Promise<void> {
  const { access, calls, conversation, link, refresher, happen } = needs;
  let scope: string | undefined;
  happen({ type: 'refreshing' });
  try {
    const answer = await calls.refresh();
    if (conversation.liveSid !== sid) throw fail('unavailable');
    access.set(answer.access_token, answer.access_token_expires_in);
    scope = answer.scope ?? '';
    refresher.refreshed(answer.refresh_in);
  } catch (cause) {
    if (cause instanceof Failure && isDoubtful(cause) && conversation.liveSid === sid) link.bounce();
    throw cause;
  } finally {
    if (!conversation.isShowing) happen({ type: 'refreshed', scope });
  }
}

async function overHttp(needs: RenewalNeeds): Promise<void> {
  const { access, jar, channel, happen, end } = needs;
  const answer = await rotateOverHttp({ ...needs, onEnded: end });
  access.set(answer.access_token, answer.expires_in);
  const held = jar.read();
  if (held !== undefined)
    happen({ type: 'advanced', sessionId: held.sid, generation: held.gen, scope: answer.scope ?? '' });
  channel.announce();
}

export function createRenewal(needs: RenewalNeeds): Renewal {
  const { access, conversation, settled } = needs;
  const renew = async (): Promise<void> => {
    const sid = conversation.liveSid;
    if (sid !== undefined) {
      try {
        return await overSocket(needs, sid);
      } catch (cause) {
        // The connection went while it was asked: the other way is still open.
        if (conversation.liveSid === sid) throw cause;
      }
    }
    if (conversation.isShowing) {
      await settled();
      if (access.live() !== undefined) return;
    }
    await overHttp(needs);
  };
  return Object.freeze({ renew: oneFlight(renew) });
}
