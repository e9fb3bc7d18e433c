import type { Authenticated, Failure, WireError } from '@latchkey/contract';
import type { Redemption } from './login/redemption.ts';
import type { Advise } from './platform/advice.ts';
import type { Prover } from './proof/prover.ts';
import type { Access } from './refresh/access.ts';
import type { Refresher } from './refresh/refresher.ts';
import type { Events } from './session-events.ts';
import type { Binding, Happening, SessionReason, SessionState } from './session-state.ts';
import type { Conversation, Findings } from './socket/conversation.ts';
import type { Link, LinkNeeds } from './socket/link.ts';
import type { Jar } from './storage/jar.ts';
import { type HeldToken, isBound } from './storage/token.ts';
import type { TabChannel } from './tab/channel.ts';
import type { Leader } from './tab/leader.ts';

type LinkNews = Pick<LinkNeeds, 'onUp' | 'onGone' | 'onDown' | 'onBounce'>;

/** What the session does when something happens: on the link, in the conversation, or in another tab. */
export interface Course extends Findings, LinkNews {
  /** Shows what there is to show, a code or the jar's token, on a fresh connection; or is signed out. */
  takeUp(): void;
  /** Another tab may have changed the jar: follow it. */
  follow(): void;
  /** Follows the other tabs only after `work`, whose answer would be lost with the connection. */
  followAfter<Result>(work: () => Promise<Result>): Promise<Result>;
  /** The token wants replacing: on the live connection, if there is one. */
  rotate(): void;
  /** Wants no connection and no timers any more; once the session is closed, for good. */
  stop(): void;
}

export interface CourseNeeds {
  readonly jar: Jar;
  readonly access: Access;
  readonly events: Events;
  readonly channel: TabChannel;
  readonly leader: Leader;
  readonly redemption: Redemption;
  readonly link: Link;
  readonly conversation: Conversation;
  readonly refresher: Refresher;
  readonly prover?: Pick<Prover, 'learnTime' | 'unboundReason'> | undefined;
  readonly state: () => SessionState;
  readonly happen: (happening: Happening) => void;
  readonly advise: Advise;
  readonly closed: AbortSignal;
}

const userChanged =
  'another tab signed in another user, and this page follows. If that was another app of this origin, give each app a storageKey.';

/** What the answer to a credential says of the session's key. */
export function bindingOf(
  { access_token }: Pick<Authenticated, 'access_token'>,
  prover: CourseNeeds['prover'],
): Binding {
  const unboundReason = prover === undefined ? 'off' : prover.unboundReason;
  return { isBound: isBound(access_token), ...(unboundReason === undefined ? {} : { unboundReason }) };
}

export function createCourse(needs: CourseNeeds): Course {
  const { jar, access, events, channel, leader, redemption, link, conversation, refresher, prover, state, happen } =
    needs;
  const { advise, closed } = needs;

  let busy = 0;
  let lastUserId: string | undefined;
  const stop = (): void => {
    link.stop();
    refresher.stop();
  };
  const ended = (sid: string | undefined, given: SessionReason | undefined): void => {
    // The session before may end while a code is redeemed, whose connection that is.
    if (redemption.pending !== undefined) return;
    const { sessionId } = state();
    const over = sid ?? sessionId;
    const reason = given ?? (over === undefined ? undefined : jar.endOf(over));
    stop();
    access.drop();
    happen({ type: 'signed_out', ...(reason === undefined ? {} : { reason }) });
    if (sessionId === undefined) return;
    channel.announce();
    events.emit('logged_out', { reason: reason ?? 'ended_by_user' });
  };
  const connect = (): void => {
    const held = redemption.pending === undefined ? jar.read() : undefined;
    if (held?.sid !== state().sessionId) access.drop();
    happen({ type: 'connecting', ...(held === undefined ? {} : { sessionId: held.sid, generation: held.gen }) });
  };
  const isEmpty = (): boolean => redemption.pending === undefined && jar.read() === undefined;
  const takeUp = () => {
    if (closed.aborted) return;
    if (isEmpty()) return ended(state().sessionId, undefined);
    refresher.stop();
    link.start();
    // Last of all: who hears of it may close the session.
    connect();
  };
  const advance = ({ sid, gen }: HeldToken): void => {
    happen({ type: 'advanced', sessionId: sid, generation: gen });
    refresher.rotated();
    if (conversation.liveSid === undefined) conversation.present();
  };
  const follow = () => {
    if (redemption.pending !== undefined || busy > 0 || closed.aborted) return;
    const held = jar.read();
    const { status, sessionId, generation = -1 } = state();
    const isIdle = status === 'signed_out' || status === 'error';
    if (held === undefined) return status === 'signed_out' ? undefined : ended(sessionId, undefined);
    if (isIdle || held.sid !== sessionId) return takeUp();
    if (held.gen > generation) advance(held);
  };
  const authenticated = (answer: Authenticated, held: HeldToken): void => {
    const { user } = answer;
    const now = jar.read();
    const generation = now?.sid === held.sid ? now.gen : held.gen;
    access.set(answer.access_token, answer.access_token_expires_in);
    refresher.granted(answer);
    leader.start();
    prover?.learnTime(answer.server_time);
    const binding = bindingOf(answer, prover);
    const { scope = '' } = answer;
    happen({ type: 'authenticated', user, sessionId: held.sid, generation, scope, binding });
    channel.announce();
    const isOwnSignIn = redemption.pending !== undefined;
    if (!isOwnSignIn && lastUserId !== undefined && lastUserId !== user.id) advise('user', userChanged);
    lastUserId = user.id;
    redemption.succeed(user);
    events.emit('authenticated', { user, sessionId: held.sid, generation });
  };
  return Object.freeze({
    takeUp,
    follow,
    stop,
    ended,
    authenticated,
    async followAfter<Result>(work: () => Promise<Result>) {
      busy += 1;
      try {
        return await work();
      } finally {
        busy -= 1;
        follow();
      }
    },
    error(reason: SessionReason) {
      stop();
      happen({ type: 'error', reason });
    },
    codeRefused(failure: Failure) {
      redemption.refuse(failure);
      takeUp();
    },
    unauthorized(error: WireError) {
      happen({ type: 'refreshed' });
      events.emit('unauthorized', error);
    },
    rotate() {
      const { generation } = state();
      // Another tab may have done it, and nobody told this one.
      follow();
      if (conversation.liveSid === undefined || state().generation !== generation) return;
      happen({ type: 'refreshing' });
      conversation.present();
    },
    onUp() {
      if (isEmpty()) return ended(state().sessionId, undefined);
      connect();
      conversation.present();
    },
    onGone() {
      conversation.dropped();
      leader.stop();
    },
    onDown: () => happen({ type: 'offline' }),
    onBounce: connect,
  });
}
