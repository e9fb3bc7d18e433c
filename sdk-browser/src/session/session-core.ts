import type { Authenticated, Failure, SessionUser } from '@latchkey/contract';
import type { CodeExchangeResult } from '../auth/http-code-exchange.ts';
import { type Authenticator, createAuthenticator } from '../connection/authenticator.ts';
import { createProtocolCalls, type ProtocolCalls } from '../connection/calls.ts';
import { createSocketConnection, type LatchkeySocket, type SocketConnection } from '../connection/connection.ts';
import { createConnectionDiagnostics } from '../connection/connection-diagnostics.ts';
import { createHttpClient, type HttpClient } from '../http/http-client.ts';
import { servicePaths } from '../http/paths.ts';
import { createDatabaseClockEstimate } from '../platform/database-clock.ts';
import { windowTarget } from '../platform/event-target.ts';
import { createTimers, type Timers } from '../platform/timers.ts';
import { createWarnOnce, type WarnOnce } from '../platform/warn-once.ts';
import type { Prover, ProverFactory } from '../proof/prover.ts';
import { createRefreshScheduler, type RefreshScheduler } from '../refresh/refresh-scheduler.ts';
import { createTabChannel, noChannel, type TabChannel } from '../tabs/channel.ts';
import { createLeader, getLockManager } from '../tabs/leader.ts';
import { type AccessTokenStore, createAccessTokenStore } from '../tokens/access-token-store.ts';
import { type CodeExchange, createCodeExchange, type PendingCode } from '../tokens/code-exchange.ts';
import { type SharedNames, sharedNames } from '../tokens/names.ts';
import { createStorageAdapter } from '../tokens/storage-adapter.ts';
import { resolveStorageLocation, type StorageLocation } from '../tokens/storage-location.ts';
import { isBound, type StoredToken } from '../tokens/token.ts';
import { createTokenStore, type TokenStore } from '../tokens/token-store.ts';
import { createAccessTokenRenewer } from './access-token-renewer.ts';
import { createConnectionProblemHandler } from './connection-problem-handler.ts';
import { createRunEffect } from './effects.ts';
import type { ResolvedSessionOptions } from './resolve-options.ts';
import type { SessionOptions } from './session.ts';
import { createSessionEmitter, type SessionEmitter } from './session-emitter.ts';
import type { Effect, EventWithStorage, StorageFacts } from './session-event.ts';
import type { KeyBinding, SessionReason, SessionState } from './session-state.ts';
import { createSessionStore, type SessionStore } from './session-store.ts';

/** The components of one session. Sign-in, log-out and the other operations use them. */
export interface SessionCore {
  readonly state: SessionState;
  readonly names: SharedNames;
  readonly timers: Timers;
  readonly warnOnce: WarnOnce;
  readonly events: SessionEmitter;
  /** Opens the storage. Returns `undefined` when it is open already. Rejects with `unavailable`. */
  readonly ensureOpen: StorageLocation['ensureOpen'];
  readonly tokenStore: TokenStore;
  readonly http: HttpClient;
  /** Absent in the entry `unbound`, which makes no proofs. */
  readonly prover: Prover | undefined;
  readonly access: AccessTokenStore;
  readonly connection: SocketConnection;
  readonly calls: ProtocolCalls;
  readonly authenticator: Authenticator;
  readonly codeExchange: CodeExchange;
  readonly channel: TabChannel;
  readonly refreshScheduler: RefreshScheduler;
  /** Reduces an event and runs its effects. */
  readonly dispatch: SessionStore['dispatch'];
  /** Dispatches an event with what the token storage has now. */
  readonly dispatchStored: (type: EventWithStorage) => void;
  /**
   * Redeems a code on the socket. Resolves with the user after the token is stored. Rejects with the final refusal, and with
   * `unavailable` after `timeoutMs`.
   */
  exchangeCode(pending: PendingCode, timeoutMs: number): Promise<SessionUser>;
  /** Adopts changes of other tabs only after `work`, because the answer would be lost with the connection. */
  adoptAfter<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Gets a new access token. Concurrent calls share one request. */
  renew(): Promise<void>;
  /** Resolves with the first state that is not `connecting`, or with the current one when the session is closed before. */
  settled(): Promise<SessionState>;
  /** Aborted when the session is closed. */
  readonly closed: AbortSignal;
  /** Closes the session permanently. A request in flight does not open a connection afterwards. */
  close(): void;
}

/** Forwards server events that do not change the state. */
function forwardEvents(socket: LatchkeySocket, connection: SocketConnection, events: SessionEmitter): void {
  socket.on('server_drain', ({ reconnect_after_ms }) => {
    connection.delayReconnect(reconnect_after_ms);
    events.emit('server_drain', { reconnectAfterMs: reconnect_after_ms });
  });
  socket.on('session_expiring', ({ in_seconds, reason }) => {
    events.emit('session_expiring', { inSeconds: in_seconds, reason });
  });
}

const storageWarning = 'the storage of the browser is forbidden or full. The sign-in ends when this page is closed.';

function createBasics(options: SessionOptions, createProver: ProverFactory | undefined) {
  const timers = options.timers ?? createTimers();
  const { url, useDpop: isWanted = true } = options;
  const names = sharedNames(options);
  const { prefix } = names;
  const warnOnce = createWarnOnce();
  /** Without warnings on a server that renders pages: it needs neither IndexedDB nor localStorage. */
  const warnOnceInPage = windowTarget() === undefined ? undefined : warnOnce;
  const prover = createProver?.({ database: names.database, timers, isWanted, warnOnce: warnOnceInPage });
  const databaseClock = createDatabaseClockEstimate(timers);
  const http = createHttpClient({ url, timers, databaseClock, prover, warnOnce });
  // A sign-in ends the previous session of this browser (OWASP ASVS 7.2.4). If the request fails, that session expires.
  const endReplaced = ({ token }: StoredToken): void => {
    http.postForm(servicePaths.oauthRevoke, { token }).catch(() => {});
  };
  const { storage, isShared, ensureOpen, flush } = resolveStorageLocation(options, prefix, timers, warnOnce);
  const tokenStore = createTokenStore(
    createStorageAdapter(storage, prefix, () => warnOnceInPage?.('storage', storageWarning)),
    { onReplaced: endReplaced, flush },
  );
  return {
    names,
    timers,
    warnOnce,
    databaseClock,
    ensureOpen,
    tokenStore,
    /** No other tab shares a session that is not shared, so this tab leads. */
    leader: createLeader(`${prefix}rotate`, isShared ? getLockManager() : undefined),
    random: options.random ?? Math.random,
    events: createSessionEmitter(),
    prover,
    http,
    access: createAccessTokenStore(timers),
    channel: isShared ? createTabChannel(prefix) : noChannel,
  };
}

/** Returns whether the access token of an answer is bound to a key, and if sign-ins are not bound, why. */
function toKeyBinding(accessToken: string, prover: Pick<Prover, 'unboundReason'> | undefined): KeyBinding {
  const unboundReason = prover === undefined ? 'off' : prover.unboundReason;
  return { isBound: isBound(accessToken), ...(unboundReason === undefined ? {} : { unboundReason }) };
}

type RunEffect = (effect: Effect) => void;
type Basics = ReturnType<typeof createBasics>;

/** Creates the store, and the functions that read the token storage in the task of an event. */
function createEvents({ events, tokenStore, prover }: Basics, closed: AbortSignal, runEffect: RunEffect) {
  const store = createSessionStore({ events, closed, runEffect });
  const readStorage = (): StorageFacts => ({ stored: tokenStore.read(), lastEnd: tokenStore.getLastEnd() });
  const { dispatch } = store;
  return {
    store,
    dispatchStored: (type: EventWithStorage): void => dispatch({ type, ...readStorage() }),
    ended(sessionId: string | undefined, reason: SessionReason | undefined): void {
      dispatch({ type: 'ended', sessionId, reason, lastEnd: tokenStore.getLastEnd() });
    },
    rejected: (reason: SessionReason): void => dispatch({ type: 'rejected', reason }),
    codeRejected: (failure: Failure): void => dispatch({ type: 'code_rejected', failure, ...readStorage() }),
    authenticated(answer: Authenticated, held: StoredToken): void {
      const binding = toKeyBinding(answer.access_token, prover);
      dispatch({ type: 'authenticated', answer, held, binding, ...readStorage() });
    },
    redeemed({ user, held, answer }: CodeExchangeResult): void {
      const { access_token: accessToken, expires_in: expiresInSeconds, scope = '' } = answer;
      const binding = toKeyBinding(accessToken, prover);
      const action = { type: 'redeemed', user, sessionId: held.sid, generation: held.gen, scope, binding } as const;
      dispatch({ type: 'redeemed', accessToken, expiresInSeconds, action });
    },
  };
}

/** Creates the components of one session and connects them: they dispatch events, and effects call them. */
export function createSessionCore(options: ResolvedSessionOptions, createProver?: ProverFactory): SessionCore {
  const basics = createBasics(options, createProver);
  const { socketUrl: url } = options;
  const { timers, events, leader, channel } = basics;
  const closing = new AbortController();
  const closed = closing.signal;
  // No component has an event before all are created, because a factory does no I/O.
  const session = createEvents(basics, closed, (effect) => runEffect(effect));
  const { store, dispatchStored } = session;
  const { dispatch } = store;
  const codeExchange = createCodeExchange({ timers, closed, onGiveUp: () => dispatchStored('code_timed_out') });
  const connection = createSocketConnection({
    ...basics,
    url,
    createSocket: options.createSocket,
    onConnected: () => dispatchStored('connected'),
    onDisconnected: () => dispatch({ type: 'disconnected' }),
    onLost: () => dispatch({ type: 'offline' }),
    onReconnect: () => dispatchStored('reconnecting'),
    onConnectFailed: (error) => dispatch({ type: 'connect_failed', error }),
  });
  const diagnostics = createConnectionDiagnostics({
    ...{ timers, url, connection },
    onProblem: createConnectionProblemHandler({ ...basics, ...session, dispatch, codeExchange, url }),
  });
  connection.socket.on('connect', diagnostics.clear);
  const authenticator = createAuthenticator({
    ...basics,
    origin: new URL(url).origin,
    connection,
    codeExchange,
    handlers: {
      ...session,
      error: session.rejected,
      unauthorized: (error) => dispatch({ type: 'unauthorized', error }),
    },
  });
  const calls = createProtocolCalls(connection);
  const refreshScheduler = createRefreshScheduler({
    ...basics,
    isLeader: () => leader.isLeader,
    refresh: () => dispatch({ type: 'refresh_due' }),
    rotate: () => dispatchStored('rotation_due'),
  });
  const parts = { ...basics, codeExchange, connection, authenticator, calls, refreshScheduler, dispatch, closed };
  const { renew } = createAccessTokenRenewer({ ...parts, settled: store.settled, end: session.ended });
  const runEffect = createRunEffect({ ...parts, renew, publish: store.publish, diagnose: diagnostics.examine });
  forwardEvents(connection.socket, connection, events);
  return Object.freeze({
    ...parts,
    get state() {
      return store.state;
    },
    dispatchStored,
    renew,
    settled: store.settled,
    exchangeCode(pending: PendingCode, timeoutMs: number) {
      const redeemed = codeExchange.begin(pending, timeoutMs);
      dispatchStored('code_received');
      return redeemed;
    },
    async adoptAfter<Result>(work: () => Promise<Result>) {
      dispatch({ type: 'logout_started' });
      try {
        return await work();
      } finally {
        dispatchStored('logout_finished');
      }
    },
    close() {
      closing.abort();
      dispatch({ type: 'closed' });
      channel.close();
      events.clear();
      connection.socket.off();
    },
  });
}
