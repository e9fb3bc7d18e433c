import type { Authenticated, Failure, WireError } from '@latchkey/contract';
import type { CodeExchange } from './login/code-exchange.ts';
import type { WarnOnce } from './platform/warn-once.ts';
import type { Prover } from './proof/prover.ts';
import type { AccessTokenStore } from './refresh/access-token-store.ts';
import type { RefreshScheduler } from './refresh/refresh-scheduler.ts';
import type { SessionEmitter } from './session-events.ts';
import type { KeyBinding, SessionAction, SessionReason, SessionState } from './session-state.ts';
import type { Authenticator, AuthenticatorHandlers } from './socket/authenticator.ts';
import type { SocketConnection, SocketConnectionDeps } from './socket/connection.ts';
import { isBound, type StoredToken } from './storage/token.ts';
import type { TokenStore } from './storage/token-store.ts';
import type { TabChannel } from './tab/channel.ts';
import type { Leader } from './tab/leader.ts';

type LinkNews = Pick<SocketConnectionDeps, 'onConnected' | 'onDisconnected' | 'onLost' | 'onReconnect'>;

/** What the session does when something happens: on the link, in the conversation, or in another tab. */
export interface SessionController extends AuthenticatorHandlers, LinkNews {
  /** Shows what there is to show, a code or the jar's token, on a fresh connection; or is signed out. */
  resume(): void;
  /** Another tab may have changed the jar: follow it. */
  adoptOtherTab(): void;
  /** Follows the other tabs only after `work`, whose answer would be lost with the connection. */
  adoptAfter<Result>(work: () => Promise<Result>): Promise<Result>;
  /** The token wants replacing: on the live connection, if there is one. */
  rotate(): void;
  /** Wants no connection and no timers any more; once the session is closed, for good. */
  stop(): void;
}

export interface SessionControllerDeps {
  readonly tokenStore: TokenStore;
  readonly access: AccessTokenStore;
  readonly events: SessionEmitter;
  readonly channel: TabChannel;
  readonly leader: Leader;
  readonly codeExchange: CodeExchange;
  readonly connection: SocketConnection;
  readonly authenticator: Authenticator;
  readonly refreshScheduler: RefreshScheduler;
  readonly prover?: Pick<Prover, 'learnTime' | 'unboundReason'> | undefined;
  readonly state: () => SessionState;
  readonly dispatch: (happening: SessionAction) => void;
  readonly warnOnce: WarnOnce;
  readonly closed: AbortSignal;
}

const userChanged =
  'another tab signed in another user, and this page follows. If that was another app of this origin, give each app a storageKey.';

/** What the answer to a credential says of the session's key. */
export function toKeyBinding(
  { access_token }: Pick<Authenticated, 'access_token'>,
  prover: SessionControllerDeps['prover'],
): KeyBinding {
  const unboundReason = prover === undefined ? 'off' : prover.unboundReason;
  return { isBound: isBound(access_token), ...(unboundReason === undefined ? {} : { unboundReason }) };
}

export function createSessionController(deps: SessionControllerDeps): SessionController {
  const {
    tokenStore,
    access,
    events,
    channel,
    leader,
    codeExchange,
    connection,
    authenticator,
    refreshScheduler,
    prover,
    state,
    dispatch,
  } = deps;
  const { warnOnce, closed } = deps;

  let busy = 0;
  let lastUserId: string | undefined;
  const stop = (): void => {
    connection.stop();
    refreshScheduler.stop();
  };
  const ended = (sid: string | undefined, given: SessionReason | undefined): void => {
    // The session before may end while a code is redeemed, whose connection that is.
    if (codeExchange.pending !== undefined) return;
    const { sessionId } = state();
    const over = sid ?? sessionId;
    const reason = given ?? (over === undefined ? undefined : tokenStore.getEndReason(over));
    stop();
    access.clear();
    dispatch({ type: 'signed_out', ...(reason === undefined ? {} : { reason }) });
    if (sessionId === undefined) return;
    channel.broadcast();
    events.emit('logged_out', { reason: reason ?? 'ended_by_user' });
  };
  const connect = (): void => {
    const held = codeExchange.pending === undefined ? tokenStore.read() : undefined;
    if (held?.sid !== state().sessionId) access.clear();
    dispatch({ type: 'connecting', ...(held === undefined ? {} : { sessionId: held.sid, generation: held.gen }) });
  };
  const isEmpty = (): boolean => codeExchange.pending === undefined && tokenStore.read() === undefined;
  const resume = () => {
    if (closed.aborted) return;
    if (isEmpty()) return ended(state().sessionId, undefined);
    refreshScheduler.stop();
    connection.start();
    // Last of all: who hears of it may close the session.
    connect();
  };
  const advance = ({ sid, gen }: StoredToken): void => {
    dispatch({ type: 'advanced', sessionId: sid, generation: gen });
    refreshScheduler.rotated();
    if (authenticator.liveSessionId === undefined) authenticator.present();
  };
  const adoptOtherTab = () => {
    if (codeExchange.pending !== undefined || busy > 0 || closed.aborted) return;
    const held = tokenStore.read();
    const { status, sessionId, generation = -1 } = state();
    const isIdle = status === 'signed_out' || status === 'error';
    if (held === undefined) return status === 'signed_out' ? undefined : ended(sessionId, undefined);
    if (isIdle || held.sid !== sessionId) return resume();
    if (held.gen > generation) advance(held);
  };
  const authenticated = (answer: Authenticated, held: StoredToken): void => {
    const { user } = answer;
    const now = tokenStore.read();
    const generation = now?.sid === held.sid ? now.gen : held.gen;
    access.set(answer.access_token, answer.access_token_expires_in);
    refreshScheduler.granted(answer);
    leader.start();
    prover?.learnTime(answer.server_time);
    const binding = toKeyBinding(answer, prover);
    const { scope = '' } = answer;
    dispatch({ type: 'authenticated', user, sessionId: held.sid, generation, scope, binding });
    channel.broadcast();
    const isOwnSignIn = codeExchange.pending !== undefined;
    if (!isOwnSignIn && lastUserId !== undefined && lastUserId !== user.id) warnOnce('user', userChanged);
    lastUserId = user.id;
    codeExchange.succeed(user);
    events.emit('authenticated', { user, sessionId: held.sid, generation });
  };
  return Object.freeze({
    resume,
    adoptOtherTab,
    stop,
    ended,
    authenticated,
    async adoptAfter<Result>(work: () => Promise<Result>) {
      busy += 1;
      try {
        return await work();
      } finally {
        busy -= 1;
        adoptOtherTab();
      }
    },
    error(reason: SessionReason) {
      stop();
      dispatch({ type: 'error', reason });
    },
    codeRejected(failure: Failure) {
      codeExchange.refuse(failure);
      resume();
    },
    unauthorized(error: WireError) {
      dispatch({ type: 'refreshed' });
      events.emit('unauthorized', error);
    },
    rotate() {
      const { generation } = state();
      // Another tab may have done it, and nobody told this one.
      adoptOtherTab();
      if (authenticator.liveSessionId === undefined || state().generation !== generation) return;
      dispatch({ type: 'refreshing' });
      authenticator.present();
    },
    onConnected() {
      if (isEmpty()) return ended(state().sessionId, undefined);
      connect();
      authenticator.present();
    },
    onDisconnected() {
      authenticator.disconnected();
      leader.stop();
    },
    onLost: () => dispatch({ type: 'offline' }),
    onReconnect: connect,
  });
}
