import type { Authenticated, Failure, WireError } from '@latchkey/contract';
import type { Authenticator, AuthenticatorHandlers } from '../connection/authenticator.ts';
import type { SocketConnection, SocketConnectionDeps } from '../connection/connection.ts';
import type { WarnOnce } from '../platform/warn-once.ts';
import type { Prover } from '../proof/prover.ts';
import type { RefreshScheduler } from '../refresh/refresh-scheduler.ts';
import type { TabChannel } from '../tabs/channel.ts';
import type { Leader } from '../tabs/leader.ts';
import type { AccessTokenStore } from '../tokens/access-token-store.ts';
import type { CodeExchange } from '../tokens/code-exchange.ts';
import { isBound, type StoredToken } from '../tokens/token.ts';
import type { TokenStore } from '../tokens/token-store.ts';
import type { SessionEmitter } from './session-emitter.ts';
import type { KeyBinding, SessionAction, SessionReason, SessionState } from './session-state.ts';

type ConnectionCallbacks = Pick<SocketConnectionDeps, 'onConnected' | 'onDisconnected' | 'onLost' | 'onReconnect'>;

/** Controls the session: handles events of the connection, of the authentication and of other tabs. */
export interface SessionController extends Omit<AuthenticatorHandlers, 'error'>, ConnectionCallbacks {
  /** Closes the connection, because the service rejects this client. The token is kept. */
  error(reason: SessionReason): void;
  /** Opens a new connection and presents the pending code or the stored token. Without either, the state is `signed_out`. */
  resume(): void;
  /** Reads the token store and adopts what another tab has changed. */
  adoptOtherTab(): void;
  /** Adopts changes of other tabs only after `work`, because the answer would be lost with the connection. */
  adoptAfter<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Replaces the token on the live connection. Without one it does nothing. */
  rotate(): void;
  /** Closes the connection and cancels the timers of the refresh. */
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
  'another tab signed in another user, and this page has adopted that session. If another app of this origin did it, give each app a storageKey.';

/** Returns whether the access token of an answer is bound to a key, and if sign-ins are not bound, why. */
export function toKeyBinding(
  { access_token }: Pick<Authenticated, 'access_token'>,
  prover: SessionControllerDeps['prover'],
): KeyBinding {
  const unboundReason = prover === undefined ? 'off' : prover.unboundReason;
  return { isBound: isBound(access_token), ...(unboundReason === undefined ? {} : { unboundReason }) };
}

/** Creates the controller of a session. */
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
    // The previous session may end while a code is redeemed. The connection then belongs to the code.
    if (codeExchange.pending !== undefined) return;
    const { sessionId } = state();
    const endedId = sid ?? sessionId;
    const reason = given ?? (endedId === undefined ? undefined : tokenStore.getEndReason(endedId));
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
    // Must be last, because a listener of the state may close the session.
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
      // Another tab may have rotated without a notification.
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
