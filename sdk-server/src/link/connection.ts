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
import { io } from 'socket.io-client';
import type { z } from 'zod';
import type { CauseCode, Causes } from '../cause/causes.ts';
import type { Clock } from '../clock.ts';
import { readAnswer, serverDrain } from './answers.ts';
import { createLinkRefusals, reasonOf } from './link-refusal.ts';
import { createResettableAgent } from './resettable-agent.ts';

type Calls = BackendToServiceEvents;
type Asked<K extends keyof Calls> = Parameters<Calls[K]>[0];

/** The backend's one connection to the service; it comes back by itself, for ever. */
export interface ServiceConnection {
  /**
   * Asks the service; the answer is handed over in the order of everything else that arrives.
   * `answer` is called once: with a function that returns the data, or throws the failure.
   */
  ask<K extends keyof Calls, T>(
    name: K,
    payload: Asked<K>,
    schema: z.ZodType<T>,
    answer: (read: () => T) => void,
  ): void;
  /** The same as a promise. @throws unavailable when there is no connection, or no answer in time */
  call<K extends keyof Calls, T>(name: K, payload: Asked<K>, schema: z.ZodType<T>): Promise<T>;
  /** Nobody waits for an answer; without a connection it is dropped. */
  tell<K extends keyof Calls>(name: K, payload: Asked<K>): void;
  on(push: keyof ServiceToBackendEvents, listener: (payload: unknown) => void): void;
  /** Each time the connection stands (again). */
  onUp(listener: () => void): void;
  /** The service refuses this backend and will do so again. */
  onRefused(listener: (refusal: Failure) => void): void;
  /** Why the service refuses this backend, since it did so and until a connection is open. */
  refusal(): Failure | undefined;
  isUp(): boolean;
  open(): void;
  /** Resets a silent connection, and opens another. */
  reconnect(): void;
  close(): void;
}

interface ServiceConnectionDeps {
  readonly url: string;
  readonly backendId: string;
  readonly backendSecret: string;
  readonly serverId: string;
  readonly clock: Clock;
  readonly causes: Pick<Causes, 'report'>;
  /** How long the service may take to answer. */
  readonly answerMs: number;
}

/** A refused handshake and a server-side close are not retried by socket.io-client itself. */
const returnMs = 2_000;
/** After a refusal that trying again does not change; an operator may change it. */
const refusedMs = 60_000;
/** Whoever is told to come back at once would meet the same node, still stopping. */
const shortestDrainMs = 1_000;

function socketTo({ url, backendId, backendSecret, serverId }: ServiceConnectionDeps, agent: Agent) {
  const auth: BackendHandshake = {
    backend_id: backendId,
    backend_secret: backendSecret,
    server_id: serverId,
    protocol: backendProtocol,
  };
  return io(`${url}${backendNamespace}`, {
    auth,
    transports: ['websocket'],
    // The types of socket.io-client allow names of agents only.
    agent: agent as unknown as string,
    forceNew: true,
    autoConnect: false,
    reconnectionDelay: 200,
    reconnectionDelayMax: 2_000,
    timeout: 4_000,
  });
}

export function createServiceConnection(deps: ServiceConnectionDeps): ServiceConnection {
  const { url, clock, causes, answerMs } = deps;
  const { agent, reset } = createResettableAgent(new URL(deps.url).protocol === 'https:');
  const socket = socketTo(deps, agent);
  const refusals = createLinkRefusals(deps.url);
  const refusedListeners = new Set<(refusal: Failure) => void>();
  let refusal: Failure | undefined;
  let cancelReturn = () => {};
  let drainMs: number | undefined;

  function returnLater(delayMs = returnMs * (0.5 + Math.random())): void {
    cancelReturn();
    // Between two connections nothing else may hold a process that has to wait for its line before it listens.
    cancelReturn = clock.after(delayMs, () => socket.connect(), { holdsProcess: true });
  }

  /** Comes back as the service asked, where socket.io-client would return at once. */
  function stayAway(delayMs: number): void {
    socket.disconnect();
    returnLater(Math.max(delayMs, shortestDrainMs) * (1 + Math.random() / 4));
  }

  function refused(why: Failure): void {
    refusal = why;
    causes.report(why.reason as CauseCode, { url, reason: why.message });
    socket.disconnect();
    returnLater(refusedMs * (0.5 + Math.random()));
    for (const listener of refusedListeners) listener(why);
  }

  socket.on('connect', () => {
    refusal = undefined;
    refusals.clear();
    drainMs = undefined;
  });
  socket.on(backendPushes.serverDrain, (payload: unknown) => {
    drainMs = serverDrain.parse(payload).reconnect_after_ms;
  });
  socket.on('connect_error', (error) => {
    const why = refusals.judge(error);
    if (why !== undefined) return refused(why);
    causes.report('service_unreachable', { url, reason: reasonOf(error) });
    if (!socket.active) returnLater();
  });
  socket.on('disconnect', (reason) => {
    if (reason === 'io client disconnect') return;
    // Announced by the service: it is replaced, and nothing has to be changed.
    if (drainMs !== undefined) return stayAway(drainMs);
    causes.report('service_unreachable', { url, reason });
    if (!socket.active) returnLater();
  });

  function ask<K extends keyof Calls, T>(
    name: K,
    payload: Asked<K>,
    schema: z.ZodType<T>,
    answer: (read: () => T) => void,
  ): void {
    const trouble = (detail: string, cause?: unknown) =>
      answer(() => {
        throw fail('unavailable' satisfies ErrorCode, { detail, cause });
      });
    if (!socket.connected) {
      trouble('no connection to the service');
      return;
    }
    socket.timeout(answerMs).emit(name, payload, (error: Error | null, given: unknown) => {
      if (error) trouble('the service did not answer', error);
      else answer(() => reported(name, () => readAnswer(schema, given)));
    });
  }

  /** What the service forbids is a matter of how the backend was created. */
  function reported<T>(call: string, read: () => T): T {
    try {
      return read();
    } catch (error) {
      const { code, message } = error as Failure;
      if (code === 'forbidden') causes.report('backend_forbidden', { call, reason: message });
      throw error;
    }
  }

  return Object.freeze<ServiceConnection>({
    ask,
    call: (name, payload, schema) =>
      new Promise((resolve, reject) => {
        ask(name, payload, schema, (read) => {
          try {
            resolve(read());
          } catch (error) {
            reject(error);
          }
        });
      }),
    tell(name, payload) {
      if (socket.connected) socket.emit(name, payload);
    },
    on: (push, listener) => void socket.on(push as string, listener),
    onUp: (listener) => void socket.on('connect', listener),
    onRefused: (listener) => void refusedListeners.add(listener),
    refusal: () => refusal,
    isUp: () => socket.connected,
    open: () => void socket.connect(),
    reconnect: reset,
    close() {
      cancelReturn();
      socket.disconnect();
    },
  });
}
