import { assertOptions, type ErrorCode, fail, type OptionNames } from '@latchkey/contract';
import { type Authority, type Causes, createCauses, createErrorReporter } from '@latchkey/core';
import { assertSocketServer, type Clock, consoleLogger, type Logger } from '@latchkey/core/internal';
import type { Server, Socket } from 'socket.io';
import { assertScopeName } from '../http/guards.ts';
import type { LocalUserSessions } from '../session/local-user-sessions.ts';
import type { Shutdown } from '../shutdown/shutdown.ts';
import { assertStalenessPolicy, type StalenessPolicy } from '../verify/verify.ts';
import { registerApiName } from './api-names.ts';
import { type RawCall, splitArguments } from './arguments.ts';
import { assertScopes, requireSession } from './call-context.ts';
import { createCallSlots } from './call-slots.ts';
import type { ApiRouter } from './calls.ts';
import type { AnyIdempotencyStore } from './idempotency.ts';
import { createProcessStore } from './process-store.ts';
import { createResponseCheck } from './response-check.ts';
import { assertCallRoute, type CallRoute } from './route.ts';
import { createRunCall, type TransactionFactory } from './run-call.ts';

/** What an application may say about its api. */
export interface ApiRouterOptions<Transaction = never> {
  readonly transactions?: TransactionFactory<Transaction>;
  /**
   * Where answers of calls with a key are kept: a store on the app's database, for calls that are `transactional`, or
   * `'process'`, on this node, until it stops. Default: keys are refused.
   */
  readonly idempotency?: 'process' | AnyIdempotencyStore<Transaction>;
  /** The scope that a caller's session needs for every call of this router; without it `insufficient_scope`. */
  readonly scope?: string;
  /** Calls of one socket that run at once. Default 32. */
  readonly maxConcurrentCalls?: number;
  /**
   * Largest answer of a call as it is encoded, in bytes. A call with a larger one is refused with `payload_too_large`, and
   * its transaction is rolled back. Default 1,048,576.
   */
  readonly maxResponseBytes?: number;
}

/** Dependencies of {@link createApiRouter}. `latchkey.apiRouter` sets them. */
export interface ApiRouterDeps<Transaction = never> extends ApiRouterOptions<Transaction> {
  readonly clock: Clock;
  readonly authority: Pick<Authority, 'activity'> & Partial<Pick<Authority, 'endedReason'>>;
  readonly sessions: Pick<LocalUserSessions, 'find'>;
  /** Default: the console. */
  readonly log?: Logger;
  /** Counts refusals. Default: one of its own. */
  readonly causes?: Causes;
  /** Calls are then activities that a shutdown waits for, and new ones are refused during it. */
  readonly shutdown?: Pick<Shutdown, 'registerActivity'>;
  /** Throws if the policy of the call, or of the whole backend, refuses an answer now. Default: never. */
  readonly checkSession?: (policy: StalenessPolicy | undefined, sid: string) => Promise<void> | void;
  /** Called after each call. Default: nothing. */
  readonly onCalled?: CallObserver;
}

/** A call that was answered, or whose handler has ended. */
interface FinishedCall {
  readonly api: string;
  /** `unknown`: there is no such call. */
  readonly call: string;
  readonly result: 'ok' | ErrorCode;
  readonly tookMs: number;
}

export type CallObserver = (call: FinishedCall) => void;

const depsNames: OptionNames<ApiRouterDeps> = {
  transactions: true,
  idempotency: true,
  scope: 'string',
  maxConcurrentCalls: 'positive number',
  maxResponseBytes: 'positive number',
  clock: 'object',
  authority: 'object',
  sessions: 'object',
  log: 'object',
  shutdown: 'object',
  checkSession: 'function',
  causes: 'object',
  onCalled: 'function',
};
const defaultMaxConcurrentCalls = 32;
const defaultMaxResponseBytes = 1_048_576;

/**
 * Typed calls over authenticated sockets: the event `name` carries `(call, params, options?, ack?)`, the
 * acknowledgement is `{ ok: true, data }` or `{ ok: false, error }`. Input and output are checked by any Standard Schema
 * validator. Make it before the server listens.
 *
 * Refusals: `unauthenticated`, `session_revoked`, `session_expired`, `unknown_call`, `invalid_request` (with the wrong fields),
 * `forbidden`, `insufficient_scope`, `revocations_stale`, `server_draining`, `rate_limited`, `payload_too_large` (the
 * answer); a `Failure` that a handler throws goes out as it is; trouble with the database is `unavailable`; anything
 * else is `internal_error` with a `request_id`, and its cause is in the log only. Answers are encoded before the
 * commit: one that has no encoding is `internal_error`, and the transaction is rolled back. Without an acknowledgement
 * the call runs all the same.
 *
 * @throws TypeError when an option is unknown; when the name is in use, also by another router of this server; when a call is made twice; when a scope is none; when a call
 * or the store is within transactions and there are none
 * @example
 * const api = createApiRouter(io, 'api', { clock, authority, sessions, transactions })
 *   .on('list', { input: z.object({ page: z.int() }) }, (params, call) => accountsOf(call.userId, params.page))
 *   .on('rename', { input: renameInput, transactional: true }, function (params) {
 *     return rename(this.getTransaction(), this.userId, params.name);
 *   });
 * type Bank = ApiOf<typeof api>;
 */
export function createApiRouter<Transaction = never>(
  io: Server,
  name: string,
  deps: ApiRouterDeps<Transaction>,
): ApiRouter<Record<never, never>, Transaction> {
  assertSocketServer('apiRouter', io);
  assertOptions('apiRouter', deps, depsNames);
  const { clock, authority, sessions, log = consoleLogger, shutdown, checkSession, transactions, idempotency } = deps;
  const {
    scope,
    maxConcurrentCalls: maxConcurrent = defaultMaxConcurrentCalls,
    maxResponseBytes = defaultMaxResponseBytes,
    onCalled = () => {},
  } = deps;
  if (scope !== undefined) assertScopeName(scope);
  const { endedReason = () => undefined } = authority;

  const nsp = io.of('/');
  const routes = new Map<string, CallRoute<Transaction>>();
  const callSlots = createCallSlots({ clock, maxConcurrent });
  if (typeof idempotency === 'object' && idempotency.within === 'transaction') {
    assertTransactions(transactions, 'a store that writes in transactions needs { transactions }');
  }
  const store = idempotency === 'process' ? createProcessStore({ clock }) : idempotency;
  const checkResponse = createResponseCheck({ io, maxResponseBytes });
  const runCall = createRunCall<Transaction>({
    io,
    api: name,
    log,
    callSlots,
    authority,
    transactions,
    store,
    checkResponse,
  });
  const causes = deps.causes ?? createCauses({ log, clock });
  const errorReporter = createErrorReporter({ log, causes });

  /** Checks all that can refuse a call, then runs it. Adds functions to `cleanups` that have to be called at its end, in order. */
  async function dispatch(socket: Socket, raw: RawCall, cleanups: (() => void)[]): Promise<unknown> {
    const session = requireSession(socket, sessions.find, endedReason);
    const route = typeof raw.name === 'string' ? routes.get(raw.name) : undefined;
    if (route === undefined) throw fail('unknown_call');
    assertScopes(socket, [scope, route.scope]);
    await checkSession?.(route.policy, session.id);
    const named = { ...raw, name: raw.name as string };
    if (shutdown) cleanups.unshift(shutdown.registerActivity(`${name} ${named.name}`));
    cleanups.unshift(callSlots.acquire(socket));
    return runCall(socket, session, route, named);
  }

  /** Acknowledges the refusal, or `internal_error` if it cannot be encoded. Returns the code of the answer. */
  function refuse({ ack }: RawCall, error: unknown): ErrorCode {
    const answer = (why: unknown) => {
      const { failure, wire } = errorReporter.toRefusal(why, name, []);
      ack?.({ ok: false, error: wire });
      return failure.code;
    };
    try {
      return answer(error);
    } catch (cause) {
      return answer(cause);
    }
  }

  /**
   * Catches the errors of calls. The answer is sent before the call ends, because a shutdown could close the connection
   * between.
   */
  async function handleCall(socket: Socket, args: readonly unknown[]): Promise<void> {
    const raw = splitArguments(args);
    const cleanups: (() => void)[] = [];
    const began = clock.monotonic();
    let result: 'ok' | ErrorCode = 'ok';
    try {
      const data = await dispatch(socket, raw, cleanups);
      raw.ack?.({ ok: true, data });
    } catch (error) {
      result = refuse(raw, error);
    } finally {
      for (const end of cleanups) end();
    }
    const call = typeof raw.name === 'string' && routes.has(raw.name) ? raw.name : 'unknown';
    onCalled({ api: name, call, result, tookMs: clock.monotonic() - began });
  }

  // One function for all sockets, which finds its own by `this`: closures for each would cost memory.
  function onCall(this: Socket, ...args: unknown[]): void {
    void handleCall(this, args);
  }

  function onDisconnect(this: Socket): void {
    callSlots.disconnect(this);
  }

  function onConnection(socket: Socket): void {
    socket.on(name, onCall);
    socket.on('disconnect', onDisconnect);
  }

  function add(call: string, route: CallRoute<Transaction>): void {
    assertCallRoute(`the call "${call}" of "${name}"`, route);
    if (call === '' || routes.has(call)) throw new TypeError(`the call "${call}" of "${name}" exists already`);
    assertStalenessPolicy(route.policy, ` of the call "${call}"`);
    if (route.scope !== undefined) assertScopeName(route.scope);
    if (route.transactional)
      assertTransactions(transactions, `the call "${call}" is transactional; give the router { transactions }`);
    routes.set(call, Object.freeze(route));
  }

  const router = Object.freeze({
    on(call: string, ...rest: readonly unknown[]) {
      const handler = rest.at(-1) as CallRoute<Transaction>['handler'];
      const options = rest.length > 1 ? (rest[0] as Omit<CallRoute<Transaction>, 'handler'>) : {};
      add(call, { ...options, handler });
      return router;
    },
    close() {
      nsp.off('connection', onConnection);
      releaseName();
    },
  }) as ApiRouter<Record<never, never>, Transaction>;

  const releaseName = registerApiName(io, name);
  nsp.on('connection', onConnection);
  // A router that is made while clients connect serves those as well.
  for (const socket of nsp.sockets.values()) onConnection(socket);
  return router;
}

function assertTransactions(
  transactions: Pick<TransactionFactory<never>, 'assertDefined'> | undefined,
  sentence: string,
): void {
  try {
    if (transactions === undefined) throw new TypeError('There are no transactions');
    transactions.assertDefined?.();
  } catch (cause) {
    throw new TypeError(sentence, { cause });
  }
}
