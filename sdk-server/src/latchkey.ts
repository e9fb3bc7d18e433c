import type { Server as HttpServer } from 'node:http';
import type { AccessClaims } from '@latchkey/contract';
import {
  causes as causeTable,
  createCauses,
  createProofs,
  createRefusals,
  createRemoteKeySet,
  deriveNonceKey,
  type RefusalObserver,
} from '@latchkey/core';
import { createListeners, createSuspensionDetector, type MetricRegistry } from '@latchkey/core/internal';
import type { Server } from 'socket.io';
import { type ApiRouterOptions, type CallObserver, createApiRouter } from './api/api-router.ts';
import type { ApiRouter } from './api/calls.ts';
import type { TransactionFactory } from './api/run-call.ts';
import { createAppSocketServer } from './app-socket-server.ts';
import { createServiceClient } from './client/service-client.ts';
import { type ClusterChanges, createClusterChanges } from './cluster-changes.ts';
import { createBackendHealth, type LatchkeyHealth } from './health.ts';
import { createGuards, type Guards } from './http/create-guards.ts';
import { createBackendMetrics } from './metrics/backend-metrics.ts';
import { countVerifications } from './metrics/count-verifications.ts';
import {
  assertLatchkeyDeps,
  type LatchkeyDeps,
  type LatchkeyOptions,
  resolveOptions,
  resolveProcessOptions,
  type SocketServeOptions,
} from './options.ts';
import { createLocalUserSessions, type LocalUserSessions } from './session/local-user-sessions.ts';
import { createInFlightRequests } from './shutdown/in-flight-requests.ts';
import { createShutdown, type Shutdown } from './shutdown/shutdown.ts';
import { createTenantLimitsApi, type TenantLimitsApi } from './tenant-limits.ts';
import type { TransactionCoreClass } from './transaction/transaction-core-class.ts';
import type { TransactionClass } from './transaction/transactions.ts';
import { createIntrospectionClient } from './verify/introspection.ts';
import { createKeyRefresh } from './verify/key-refresh.ts';
import { assertVerifyOptions, createVerifier, type VerifyOptions } from './verify/verify.ts';

/** The sessions with sockets here; see {@link createLocalUserSessions}. */
type LocalSessions = Omit<LocalUserSessions, 'find' | 'observe' | 'close'>;

/** A backend's whole connection with the service; see {@link createLatchkey}. */
export interface Latchkey extends Guards, LocalSessions, ClusterChanges, TenantLimitsApi, Shutdown {
  /** Random for each start of this process; names it in presence. */
  readonly serverId: string;
  /**
   * Resolves when the first revocation list is loaded. Before that `verify` throws `revocations_not_ready`.
   * Without a connection it waits, because a service may start after its backends, and logs `service_unreachable`
   * once a minute.
   *
   * @throws Failure when the service refuses this backend: `unauthenticated` (wrong id or secret), `not_found` (`url`
   * is no service), `forbidden` (without the scope `feed`). The next attempt follows within 90 s
   * @throws Error once the connection to the service is closed, also for pending calls
   */
  ready(): Promise<void>;
  /**
   * Checks an access token here, without a round trip (RFC 9068 §4, and the list of ended sessions).
   *
   * @throws unauthenticated, revocations_not_ready, revocations_stale (by the policy), unavailable (no key set yet)
   */
  verify(token: string, options?: VerifyOptions): Promise<AccessClaims>;
  /**
   * A Socket.IO server on the app's own HTTP server, whose sockets authenticate. `socket.data` is then
   * `{ sid, userId, tenantId }`. Call it once, before the server listens.
   */
  socketServe(httpServer: HttpServer, options: SocketServeOptions): Server;
  /**
   * Typed calls over the sockets of {@link Latchkey.socketServe}; see {@link createApiRouter}. Without `transactions`, the
   * router takes those of `TransactionImplementationClass`.
   */
  apiRouter<Transaction = TransactionCoreClass>(
    io: Server,
    name: string,
    options?: ApiRouterOptions<Transaction>,
  ): ApiRouter<Record<never, never>, Transaction>;
  health(): LatchkeyHealth;
  /**
   * Registers the metrics of this backend (docs/reference/metrics.md) with a registry of prom-client, once. Durations in
   * seconds. Calls and refusals are counted from then on, checked tokens from the start. The app installs prom-client, and
   * serves the registry.
   *
   * @throws TypeError it is no registry
   * @throws Error prom-client is not installed; the registry has metrics of these names
   * @example
   * const register = new Registry();
   * await latchkey.metrics(register);
   * app.get('/metrics', async (_request, response) => response.type(register.contentType).send(await register.metrics()));
   */
  metrics(register: MetricRegistry): Promise<void>;
  /** Closes the connection to the service and the sockets of `socketServe`, whose clients reconnect by themselves. */
  close(): void;
}

/**
 * Connects a Node app with its Latchkey service: verifies access tokens offline, guards routes, and authenticates sockets.
 * The connection to the service opens at once and reconnects by itself.
 *
 * @throws TypeError when an option is missing or invalid
 * @example
 * const latchkey = createLatchkey({ url: 'https://auth.example.test', backendId, backendSecret });
 * await latchkey.ready();
 * app.use(latchkey.express());
 * const io = latchkey.socketServe(httpServer, { origins: ['https://app.example.test'] });
 */
export function createLatchkey(options: LatchkeyOptions): Latchkey {
  const settings = resolveOptions(options);
  const causes = createCauses(settings);
  const suspension = createSuspensionDetector(settings.clock);
  const { url, backendId, backendSecret, maxStalenessMs, ...deps } = settings;
  const issuer = options.issuer && settings.issuer;
  const client = createServiceClient({ ...settings, issuer, audience: options.audience, suspension, causes });
  const clock = { ...settings.clock, now: client.now };
  const proofs = createProofs({ clock, nonceKeys: [deriveNonceKey(backendSecret)] });
  return composeLatchkey({ ...deps, client, suspension, causes, keys: createRemoteKeySet(settings), proofs });
}

/**
 * Creates a `Latchkey` with a given client of the service, such as one inside the service's own process, and starts
 * that client.
 *
 * @throws TypeError when a setting is invalid
 */
export function composeLatchkey(deps: LatchkeyDeps): Latchkey {
  assertLatchkeyDeps(deps);
  const { client, keys } = deps;
  const settings = { ...deps, ...resolveProcessOptions(deps) };
  const { clock, log, publicUrl, suspension, issuer, audience } = settings;
  const causes = deps.causes ?? createCauses({ log, clock });
  const verificationClock = { ...clock, now: client.now };
  const proofs = deps.proofs ?? createProofs({ clock: verificationClock });
  const introspectionClient = createIntrospectionClient({
    ...{ ...settings, causes },
    isActive: async (token) => (await client.introspect(token)).active,
    async endedReason(sid) {
      const [row] = await client.authority.inspect([sid]);
      return row?.alive ? undefined : (row?.reason ?? 'ended_by_user');
    },
  });
  const verifier = createVerifier({
    ...{ ...settings, introspectionClient, now: client.now },
    ...{ feed: client.feed, endedReason: client.endedReason },
    names: client.tokenMetadata ?? (() => ({ issuer, audience })),
  });
  const verifications = countVerifications(verifier.verify);
  const refused = createListeners<Parameters<RefusalObserver>>();
  const called = createListeners<Parameters<CallObserver>>();
  const refusals = createRefusals({ causes, defaultCause: 'request_refused' });
  const { maxInactiveTimeInMinsForInactiveSession } = settings;
  const { serverId } = client;
  const sessions = createLocalUserSessions({ clock, log, serverId, maxInactiveTimeInMinsForInactiveSession });
  const { changes, defaultTransactions, ...cluster } = createClusterChanges({
    userSessions: client.presenceCache,
    log,
  });
  const socketServer = createAppSocketServer({
    authority: sessions.observe(client.authority),
    ...{ sessions, userSessions: client.presenceCache },
    ...{ clock, log, causes, publicUrl, suspension },
    onRefused: refused.emit,
    onServed(io, httpServer) {
      cluster.attach(io);
      requests.trackServer(httpServer);
    },
  });
  const shutdown = createShutdown({ clock, log, protocol: socketServer, spreadInSecs: settings.spreadInSecs });
  const requests = createInFlightRequests(shutdown);
  const guards = createGuards({
    ...settings,
    clock: verificationClock,
    verify: verifications.verify,
    proofs,
    refusals,
    requests,
  });

  const keyRefresh = createKeyRefresh({
    keys,
    clearCache: verifier.clearCache,
    onRefreshed: client.markKeysRefreshed,
    clock,
    causes,
  });
  client.onKeysChanged(keyRefresh.refresh);
  client.open();

  return Object.freeze<Latchkey>({
    serverId: client.serverId,
    ready: client.ready,
    verify: async (token, options) => verifications.verify(token, assertVerifyOptions(options)),
    ...guards,
    socketServe: socketServer.socketServe,
    isLocalUserSession: sessions.isLocalUserSession,
    countLocalSessionsByUserId: sessions.countLocalSessionsByUserId,
    isUserSessionServerOrigin: sessions.isUserSessionServerOrigin,
    getLocalUserSessions: sessions.getLocalUserSessions,
    onLocalUserSessionDestroy: sessions.onLocalUserSessionDestroy,
    ...changes,
    ...createTenantLimitsApi(client.tenantLimits),
    get TransactionImplementationClass() {
      return defaultTransactions.TransactionImplementationClass;
    },
    set TransactionImplementationClass(chosen) {
      defaultTransactions.TransactionImplementationClass = chosen as TransactionClass<TransactionCoreClass> | undefined;
    },
    defineTransaction: defaultTransactions.defineTransaction,
    ...shutdown,
    apiRouter<Transaction>(io: Server, name: string, api: ApiRouterOptions<Transaction> = {}) {
      socketServer.assertOwnServer(io);
      const transactions = api.transactions ?? (defaultTransactions as unknown as TransactionFactory<Transaction>);
      cluster.connectTransactions(transactions);
      const { checkSession } = verifier;
      const { authority } = client;
      const onCalled = called.emit;
      const shared = { clock, log, causes, sessions, shutdown, checkSession, authority, onCalled };
      return createApiRouter(io, name, { ...api, transactions, ...shared });
    },
    health: createBackendHealth({ client, causes }),
    metrics: createBackendMetrics({
      ...{ client, causes, refused, called },
      causeCodes: Object.keys(causeTable),
      verificationCounts: verifications.counts,
      socketCounts: socketServer.counts,
    }),
    close() {
      socketServer.close();
      sessions.close();
      cluster.close();
      keyRefresh.close();
      causes.close();
      client.close();
    },
  });
}
