import type { Authenticated, Failure } from '@latchkey/contract';
import type { CodeExchangeResult } from '../auth/http-code-exchange.ts';
import { createAuthenticator } from '../connection/authenticator.ts';
import { createProtocolCalls } from '../connection/calls.ts';
import { createSocketConnection, type LatchkeySocket, type SocketConnection } from '../connection/connection.ts';
import { createConnectionDiagnostics } from '../connection/connection-diagnostics.ts';
import type { Prover, ProverFactory } from '../proof/prover.ts';
import { createRefreshScheduler } from '../refresh/refresh-scheduler.ts';
import { createCodeExchange, type PendingCode } from '../tokens/code-exchange.ts';
import { isBound, type StoredToken } from '../tokens/token.ts';
import { createRenew } from './access-token-renewer.ts';
import { createConnectionProblemHandler } from './connection-problem-handler.ts';
import { createRunEffect } from './effects.ts';
import type { ResolvedSessionOptions } from './resolve-options.ts';
import { createSessionBasics, type SessionBasics } from './session-basics.ts';
import type { SessionEmitter } from './session-emitter.ts';
import type { Effect, EventWithStorage, StorageFacts } from './session-event.ts';
import type { KeyBinding, SessionReason } from './session-state.ts';
import { createSessionStore } from './session-store.ts';

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

/** Returns whether the access token of an answer is bound to a key, and if sign-ins are not bound, why. */
function toKeyBinding(accessToken: string, prover: Pick<Prover, 'unboundReason'> | undefined): KeyBinding {
  const unboundReason = prover === undefined ? 'off' : prover.unboundReason;
  return { isBound: isBound(accessToken), ...(unboundReason === undefined ? {} : { unboundReason }) };
}

type RunEffect = (effect: Effect) => void;

/** Creates the store, and the functions that read the token storage in the task of an event. */
function createEvents({ events, tokenStore, prover }: SessionBasics, closed: AbortSignal, runEffect: RunEffect) {
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
    redeemed: (result: CodeExchangeResult): void =>
      dispatch({ type: 'redeemed', ...result, binding: toKeyBinding(result.answer.access_token, prover) }),
  };
}

/** Creates the components of one session and connects them: they dispatch events, and effects call them. */
export function createSessionCore(options: ResolvedSessionOptions, createProver?: ProverFactory) {
  const basics = createSessionBasics(options, createProver);
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
  const renew = createRenew({ ...parts, settled: store.settled, end: session.ended });
  const runEffect = createRunEffect({ ...parts, renew, publish: store.publish, diagnose: diagnostics.examine });
  forwardEvents(connection.socket, connection, events);
  return Object.freeze({
    ...parts,
    get state() {
      return store.state;
    },
    /** Dispatches an event with what the token storage has now. */
    dispatchStored,
    /** Gets a new access token. Concurrent calls share one request. */
    renew,
    /** Resolves with the first state that is not `connecting`, or with the current one when the session is closed before. */
    settled: store.settled,
    /**
     * Redeems a code on the socket. Resolves with the user after the token is stored. Rejects with the final refusal, and with
     * `unavailable` after `timeoutMs`.
     */
    exchangeCode(pending: PendingCode, timeoutMs: number) {
      const redeemed = codeExchange.begin(pending, timeoutMs);
      dispatchStored('code_received');
      return redeemed;
    },
    /** Adopts changes of other tabs only after `work`, because the answer would be lost with the connection. */
    async adoptAfter<Result>(work: () => Promise<Result>) {
      dispatch({ type: 'logout_started' });
      try {
        return await work();
      } finally {
        dispatchStored('logout_finished');
      }
    },
    /** Closes the session permanently. A request in flight does not open a connection afterwards. */
    close() {
      closing.abort();
      dispatch({ type: 'closed' });
      channel.close();
      events.clear();
      connection.socket.off();
    },
  });
}

/** The components of one session. Sign-in, log-out and the other operations use them. */
export type SessionCore = ReturnType<typeof createSessionCore>;
