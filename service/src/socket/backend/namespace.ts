import {
  type AccessTokenMetadata,
  type BackendError,
  backendCalls,
  backendNamespace,
  backendPushes,
  fail,
  toFailure,
  toWireError,
} from '@latchkey/contract';
import { parseInput } from '@latchkey/contract/schemas';
import { createBackpressureGuard, createPongGuard, type RefusalObserver } from '@latchkey/core';
import {
  type Clock,
  createActivities,
  isUnavailable,
  type SuspensionDetector,
  withTimeout,
} from '@latchkey/core/internal';
import type { Server } from 'socket.io';
import type { RevocationFeed } from '../../domain/revocation/revocation-feed.ts';
import type { BackendFlows } from '../../flow/flows.ts';
import type { ServiceCauses } from '../../ops/causes.ts';
import { createFailureLog } from '../../ops/failure-log.ts';
import type { ServiceLogger } from '../../ops/logger.ts';
import { createPresenceFeed } from '../presence-feed.ts';
import type { BackendSocket, BackendSocketNamespace } from './backend-socket.ts';
import { type BackendCall, createBackendCalls } from './calls.ts';
import { createFeedPublisher } from './feed-publisher.ts';
import { createHandshake } from './handshake.ts';
import { toLimits } from './mappers.ts';
import { type PresenceFactory, startLeaseRenewal } from './presence.ts';
import { createPresenceLists } from './presence-lists.ts';
import { watchCredentials } from './watch-credentials.ts';

/** Calls that mean something else when they are carried out late. */
const timeSensitiveCalls: ReadonlySet<string> = new Set([
  backendCalls.exchange,
  backendCalls.logout,
  backendCalls.tenantSet,
]);

export interface BackendNamespaceDeps {
  readonly flows: BackendFlows;
  readonly feed: Pick<RevocationFeed, 'since' | 'onSegment' | 'ageMs'>;
  readonly presenceOf: PresenceFactory;
  /** By which this node judges access tokens, in epoch ms. */
  readonly now: () => number;
  readonly suspension: SuspensionDetector;
  /** What access tokens name, so that backends need no setting for it. */
  readonly accessTokens: Required<AccessTokenMetadata>;
  /** Ids of the signing keys that are published now. */
  readonly kids: () => string;
  readonly causes: Pick<ServiceCauses, 'failure' | 'report'>;
  readonly clock: Clock;
  readonly log: ServiceLogger;
  /** Called for each refused call, and for `connect`. Default: nothing. */
  readonly onRefused?: RefusalObserver | undefined;
}

/** Waiting for a backend that does not read, beside its largest message, such as a long list of ended sessions. */
const maxBacklogBytes = 1_048_576;

/** Speaks the backend protocol on namespace `/backend`. */
export function mountBackendNamespace(io: Server, deps: BackendNamespaceDeps) {
  const { flows, presenceOf, kids, accessTokens, causes, clock, log, onRefused = () => {} } = deps;
  const nsp = io.of(backendNamespace) as unknown as BackendSocketNamespace;
  const logWorkFailure = createFailureLog({ log, causes }, 'work_unavailable');
  const onError = (error: unknown) => logWorkFailure(error, 'work for backends failed; it is tried again');
  const feed = createFeedPublisher(deps);
  const presenceFeed = createPresenceFeed({ listPresence: flows.listPresence, clock, onError });
  const backlog = createBackpressureGuard(maxBacklogBytes, () =>
    log.warn({}, 'a backend does not read; its connection is cut'),
  );
  const pongs = createPongGuard(io, deps.suspension);
  const presenceLists = createPresenceLists({ presenceFeed });
  const calls = new Map(
    createBackendCalls({ flows, feed, presenceLists, accessTokens, log }).map((call) => [call.name, call]),
  );
  const inFlight = createActivities();
  let draining = false;

  const removeTenantChanged = flows.onTenantChanged((tenant) => {
    for (const socket of nsp.sockets.values()) {
      const { tenantId } = socket.data.backend;
      if (tenantId === null || tenantId === tenant.id) socket.emit(backendPushes.tenantChanged, toLimits(tenant));
    }
  });
  const stopWatching = watchCredentials({ nsp, flows, kids, clock, log, onError });
  nsp.use(createHandshake({ flows, presenceOf, causes, isDraining: () => draining, onError, onRefused }));
  nsp.on('connection', (socket) => {
    startLeaseRenewal(socket, { clock, onError });
    backlog.guard(socket.conn);
    socket.onAny((name: string, ...args: unknown[]) => void serve(socket, name, args));
  });

  async function serve(socket: BackendSocket, name: string, args: unknown[]): Promise<void> {
    const last = args.at(-1);
    const ack = typeof last === 'function' ? (last as (answer: unknown) => void) : undefined;
    const finish = inFlight.start(name);
    try {
      const answer = await run(socket, calls.get(name), args[0] === ack ? undefined : args[0]);
      ack?.({ ok: true, data: typeof answer === 'function' ? answer() : answer });
    } catch (error) {
      ack?.({ ok: false, error: toRelayError(name, error) });
    } finally {
      finish();
    }
  }

  async function run(socket: BackendSocket, call: BackendCall | undefined, payload: unknown): Promise<unknown> {
    if (call === undefined) throw fail('unknown_call');
    const { backend } = socket.data;
    flows.assertScope(backend, call.scope);
    const refusal = timeSensitiveCalls.has(call.name) ? pongs.refusalOf(socket.conn) : undefined;
    if (refusal !== undefined) throw refusal;
    return call.run(socket, parseInput(call.input, payload ?? {}) as never);
  }

  function toRelayError(name: string, error: unknown): BackendError {
    const failure = toFailure(error);
    onRefused(calls.has(name) ? name : 'unknown', failure.code);
    if (failure.code === 'internal_error') log.error({ err: failure, call: name }, 'call of a backend failed');
    else if (isUnavailable(failure)) causes.report('requests_unavailable', { call: name, err: failure });
    else if (failure.cause !== undefined) log.warn({ err: failure, call: name }, 'call of a backend was refused');
    return { ...toWireError(failure), ...(failure.verified ? { verified: true } : {}) };
  }

  async function drain({ spreadMs, deadlineMs }: { spreadMs: number; deadlineMs: number }): Promise<void> {
    draining = true;
    const sockets = [...nsp.sockets.values()];
    sockets.forEach((socket, i) => {
      socket.emit(backendPushes.serverDrain, { reconnect_after_ms: Math.round((i * spreadMs) / sockets.length) });
    });
    await withTimeout(clock, deadlineMs, inFlight.whenIdle(), () => {});
    for (const socket of sockets) socket.conn.close();
  }

  return Object.freeze({
    /**
     * Sends `server_drain` to backends with times spread evenly, then closes their connections once their calls are
     * answered.
     */
    drain,
    /** Connected backends. */
    count: () => nsp.sockets.size,
    close() {
      stopWatching();
      removeTenantChanged();
      feed.close();
      pongs.close();
      presenceLists.close();
      presenceFeed.close();
    },
  });
}
