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
import { createLeader, type Leader, soleLeader } from '../tabs/leader.ts';
import { type AccessTokenStore, createAccessTokenStore } from '../tokens/access-token-store.ts';
import { type CodeExchange, createCodeExchange } from '../tokens/code-exchange.ts';
import { type SharedNames, sharedNames } from '../tokens/names.ts';
import { createStorageAdapter } from '../tokens/storage-adapter.ts';
import { resolveStorageLocation, type StorageLocation } from '../tokens/storage-location.ts';
import type { StoredToken } from '../tokens/token.ts';
import { createTokenStore, type TokenStore } from '../tokens/token-store.ts';
import { type AccessTokenRenewer, createAccessTokenRenewer } from './access-token-renewer.ts';
import { createConnectionProblemHandler } from './connection-problem-handler.ts';
import type { ResolvedSessionOptions } from './resolve-options.ts';
import type { SessionOptions } from './session.ts';
import { createSessionController, type SessionController } from './session-controller.ts';
import { createSessionEmitter, type SessionEmitter } from './session-emitter.ts';
import { type SessionAction, type SessionState, signedOut } from './session-state.ts';
import { nextState } from './transitions.ts';

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
  readonly controller: SessionController;
  readonly dispatch: (happening: SessionAction) => void;
  /** Gets a new access token. Concurrent calls share one request. */
  renew(): Promise<void>;
  /** Resolves with the first state that is not `connecting`, or with the current one when the session is closed before. */
  settled(): Promise<SessionState>;
  /** Aborted when the session is closed. */
  readonly closed: AbortSignal;
  /** Closes the session permanently. A request in flight does not open a connection afterwards. */
  close(): void;
}

/** Keeps the state and emits its changes. */
function createStateKeeper(events: SessionEmitter, closed: AbortSignal) {
  let state = signedOut;
  const changes: SessionState[] = [];
  return {
    get: () => state,
    dispatch(happening: SessionAction): void {
      const next = nextState(state, happening);
      if (next === state) return;
      state = next;
      // A listener may dispatch itself: its state is emitted after the present one has reached all listeners.
      if (changes.push(next) > 1) return;
      for (const change of changes) events.emit('state', change);
      changes.length = 0;
    },
    settled(): Promise<SessionState> {
      return new Promise((resolve) => {
        const settle = (): void => {
          if (state.status === 'connecting' && !closed.aborted) return;
          remove();
          closed.removeEventListener('abort', settle);
          resolve(state);
        };
        const remove = events.on('state', settle);
        closed.addEventListener('abort', settle);
        settle();
      });
    },
  };
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
  const leader: Leader = isShared ? createLeader(`${prefix}rotate`) : soleLeader;
  return {
    names,
    timers,
    warnOnce,
    databaseClock,
    ensureOpen,
    tokenStore,
    leader,
    random: options.random ?? Math.random,
    events: createSessionEmitter(),
    prover,
    http,
    access: createAccessTokenStore(timers),
    channel: isShared ? createTabChannel(prefix) : noChannel,
  };
}

/** Callbacks of the controller, for the components that are created before it. */
function callbacksOf(
  controller: () => SessionController,
): Omit<SessionController, 'resume' | 'adoptOtherTab' | 'adoptAfter' | 'rotate' | 'stop'> {
  return {
    authenticated: (answer, held) => controller().authenticated(answer, held),
    ended: (sid, reason) => controller().ended(sid, reason),
    error: (reason) => controller().error(reason),
    codeRejected: (failure) => controller().codeRejected(failure),
    unauthorized: (error) => controller().unauthorized(error),
    onConnected: () => controller().onConnected(),
    onDisconnected: () => controller().onDisconnected(),
    onLost: () => controller().onLost(),
    onReconnect: () => controller().onReconnect(),
  };
}

/** Creates the components of one session and connects them. */
export function createSessionCore(options: ResolvedSessionOptions, createProver?: ProverFactory): SessionCore {
  const basics = createBasics(options, createProver);
  const { socketUrl } = options;
  const { timers, events, leader, channel } = basics;
  const closing = new AbortController();
  const closed = closing.signal;
  const { get: state, dispatch, settled } = createStateKeeper(events, closed);
  const callbacks = callbacksOf(() => controller);
  const codeExchange = createCodeExchange({ timers, closed, onGiveUp: () => controller.resume() });
  const diagnostics = createConnectionDiagnostics({
    ...{ timers, url: socketUrl },
    connection: () => connection,
    onProblem: createConnectionProblemHandler({
      ...basics,
      codeExchange,
      dispatch,
      url: socketUrl,
      handlers: callbacks,
    }),
  });
  const connection: SocketConnection = createSocketConnection({
    ...basics,
    ...callbacks,
    url: socketUrl,
    createSocket: options.createSocket,
    onConnectFailed: diagnostics.examine,
  });
  connection.socket.on('connect', diagnostics.clear);
  const authenticator = createAuthenticator({
    ...basics,
    origin: new URL(socketUrl).origin,
    connection,
    codeExchange,
    handlers: callbacks,
  });
  const calls = createProtocolCalls(connection);
  const refreshScheduler: RefreshScheduler = createRefreshScheduler({
    ...basics,
    isLeader: () => leader.isLeader,
    refresh: () => void accessTokenRenewer.renew().catch(() => {}),
    rotate: () => controller.rotate(),
  });
  const parts = {
    ...basics,
    codeExchange,
    connection,
    authenticator,
    calls,
    refreshScheduler,
    dispatch,
    state,
    closed,
  };
  const controller: SessionController = createSessionController(parts);
  const accessTokenRenewer: AccessTokenRenewer = createAccessTokenRenewer({ ...parts, settled, end: controller.ended });
  forwardEvents(connection.socket, connection, events);
  return Object.freeze({
    ...parts,
    get state() {
      return state();
    },
    controller,
    renew: accessTokenRenewer.renew,
    settled,
    close() {
      closing.abort();
      controller.stop();
      channel.close();
      events.clear();
      connection.socket.off();
    },
  });
}
