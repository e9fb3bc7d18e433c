import type { Agent } from 'node:http';
import {
  type BackendHandshake,
  type BackendToServiceEvents,
  backendNamespace,
  backendProtocol,
  backendPushes,
  type ErrorCode,
  type Failure,
  fail,
  type ServiceToBackendEvents,
} from '@latchkey/contract';
import { type BackendCallPayload, type BackendData, serverDrainSchema } from '@latchkey/contract/schemas';
import type { CauseCode, Causes } from '@latchkey/core';
import { type Clock, createListeners, createTimer } from '@latchkey/core/internal';
import { io, NodeWebSocket } from 'socket.io-client';
import { connectErrorReason, createConnectErrorClassifier } from './connect-errors.ts';
import { createResettableAgent } from './resettable-agent.ts';
import { parseServiceResponse } from './responses.ts';

type Calls = BackendToServiceEvents;

export type ServiceConnection = ReturnType<typeof createServiceConnection>;

interface ServiceConnectionDeps {
  readonly url: string;
  readonly backendId: string;
  readonly backendSecret: string;
  readonly serverId: string;
  readonly clock: Clock;
  readonly causes: Pick<Causes, 'report'>;
  /** How long the service may take to answer. */
  readonly callTimeoutMs: number;
}

/** A refused handshake and a server-side close are not retried by socket.io-client itself. */
const reconnectDelayMs = 2_000;
/** After a refusal that trying again does not change; an operator may change it. */
const refusedReconnectMs = 60_000;
/** An immediate reconnect would reach the same node, which is still stopping. */
const minDrainMs = 1_000;

/** What answers at the URL may be another WebSocket server: engine.io-client throws when it cannot read the first message. */
class CheckedWebSocket extends NodeWebSocket {
  protected override onPacket(packet: Parameters<NodeWebSocket['onPacket']>[0]): void {
    try {
      super.onPacket(packet);
    } catch (error) {
      this.onError('parse error', new Error('it is no Socket.IO server', { cause: error }));
    }
  }
}

function createSocket({ url, backendId, backendSecret, serverId }: ServiceConnectionDeps, agent: Agent) {
  const auth: BackendHandshake = {
    backend_id: backendId,
    backend_secret: backendSecret,
    server_id: serverId,
    protocol: backendProtocol,
  };
  return io(`${url}${backendNamespace}`, {
    auth,
    transports: [CheckedWebSocket],
    // The types of socket.io-client allow names of agents only.
    agent: agent as unknown as string,
    forceNew: true,
    autoConnect: false,
    reconnectionDelay: 200,
    reconnectionDelayMax: 2_000,
    timeout: 4_000,
  });
}

/** The backend's one connection to the service; it comes back by itself, for ever. */
export function createServiceConnection(deps: ServiceConnectionDeps) {
  const { url, clock, causes, callTimeoutMs } = deps;
  const { agent, reset } = createResettableAgent(new URL(deps.url).protocol === 'https:');
  const socket = createSocket(deps, agent);
  const refusals = createConnectErrorClassifier(deps.url);
  const refused = createListeners<[refusal: Failure]>();
  let refusal: Failure | undefined;
  // Between two connections nothing else may hold a process that has to wait for its connection before it listens.
  const reconnection = createTimer(clock, () => void socket.connect(), { holdsProcess: true });
  let drainMs: number | undefined;

  function reconnectLater(delayMs = reconnectDelayMs * (0.5 + Math.random())): void {
    reconnection.reset(delayMs);
  }

  /** Comes back as the service asked, where socket.io-client would return at once. */
  function delayReconnect(delayMs: number): void {
    socket.disconnect();
    reconnectLater(Math.max(delayMs, minDrainMs) * (1 + Math.random() / 4));
  }

  function handleRefusal(why: Failure): void {
    refusal = why;
    causes.report(why.reason as CauseCode, { url, reason: why.message });
    socket.disconnect();
    reconnectLater(refusedReconnectMs * (0.5 + Math.random()));
    refused.emit(why);
  }

  socket.on('connect', () => {
    refusal = undefined;
    refusals.reset();
    drainMs = undefined;
  });
  socket.on(backendPushes.serverDrain, (payload: unknown) => {
    drainMs = serverDrainSchema.parse(payload).reconnect_after_ms;
  });
  socket.on('connect_error', (error) => {
    const why = refusals.classify(error);
    if (why !== undefined) return handleRefusal(why);
    causes.report('service_unreachable', { url, reason: connectErrorReason(error) });
    if (!socket.active) reconnectLater();
  });
  socket.on('disconnect', (reason) => {
    if (reason === 'io client disconnect') return;
    // Announced by the service: it is replaced, and nothing has to be changed.
    if (drainMs !== undefined) return delayReconnect(drainMs);
    causes.report('service_unreachable', { url, reason });
    if (!socket.active) reconnectLater();
  });

  /**
   * Calls the service. `answer` is called once, in the order of all received messages, with a function that returns the data
   * or throws the failure.
   */
  function request<K extends keyof Calls>(
    name: K,
    payload: BackendCallPayload<K>,
    answer: (read: () => BackendData<K>) => void,
  ): void {
    const trouble = (detail: string, cause?: unknown) =>
      answer(() => {
        throw fail('unavailable' satisfies ErrorCode, { detail, cause });
      });
    if (!socket.connected) {
      trouble('no connection to the service');
      return;
    }
    socket.timeout(callTimeoutMs).emit(name, payload, (error: Error | null, given: unknown) => {
      if (error) trouble('the service did not answer', error);
      else answer(() => reportForbidden(name, () => parseServiceResponse(name, given)));
    });
  }

  /** What the service forbids is a matter of how the backend was created. */
  function reportForbidden<T>(call: string, read: () => T): T {
    try {
      return read();
    } catch (error) {
      const { code, message } = error as Failure;
      if (code === 'forbidden') causes.report('backend_forbidden', { call, reason: message });
      throw error;
    }
  }

  return Object.freeze({
    request,
    /** Calls the service and resolves to the data of its answer. @throws unavailable without a connection, or without an answer in time */
    call: <K extends keyof Calls>(name: K, payload: BackendCallPayload<K>): Promise<BackendData<K>> =>
      new Promise((resolve, reject) => {
        request(name, payload, (read) => {
          try {
            resolve(read());
          } catch (error) {
            reject(error);
          }
        });
      }),
    /** Sends without an answer. Dropped without a connection. */
    emit<K extends keyof Calls>(name: K, payload: BackendCallPayload<K>) {
      if (socket.connected) socket.emit(name, payload);
    },
    on: (push: keyof ServiceToBackendEvents, listener: (payload: unknown) => void) =>
      void socket.on(push as string, listener),
    /** Called after each connect and reconnect. */
    onConnected: (listener: () => void) => void socket.on('connect', listener),
    /** The service refuses this backend and will do so again. */
    onRefused: refused.add,
    /** Why the service refuses this backend, since it did so and until a connection is open. */
    refusal: () => refusal,
    isConnected: () => socket.connected,
    open: () => void socket.connect(),
    /** Resets a silent connection, and opens another. */
    reconnect: reset,
    close() {
      reconnection.cancel();
      socket.disconnect();
    },
  });
}
