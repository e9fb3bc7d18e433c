import type { Server as HttpServer } from 'node:http';
import type { AccessClaims } from '@latchkey/contract';
import type { Server } from 'socket.io';
import { type ApiRouterOptions, createApiRouter } from './api/api-router.ts';
import type { ApiRouter } from './api/calls.ts';
import type { TransactionFactory } from './api/perform.ts';
import type { CauseReport } from './cause/cause-log.ts';
import { type CauseCode, createCauses } from './cause/causes.ts';
import { createRefusals } from './cause/refusals.ts';
import { type ClusterChanges, createClusterChanges } from './cluster-changes.ts';
import { isDevelopment } from './environment.ts';
import { createGuards, type Guards } from './http/create-guards.ts';
import { assertParts, type LatchkeyParts } from './latchkey-parts.ts';
import { createLink } from './link/link.ts';
import { type LatchkeyOptions, processSettingsOf, type SocketServeOptions, settingsOf } from './options.ts';
import { nonceKeyOf } from './proof/nonces.ts';
import { createProofs } from './proof/proofs.ts';
import { createServing } from './serving.ts';
import { createLocalUserSessions, type LocalUserSessions } from './session/local-user-sessions.ts';
import { createRequests } from './shutdown/requests.ts';
import { createShutdown, type Shutdown } from './shutdown/shutdown.ts';
import { createSuspensionWatch } from './suspension.ts';
import { createTenantLimits, type TenantLimitSetters } from './tenant-limits.ts';
import type { TransactionCoreClass } from './transaction/transaction-core-class.ts';
import type { TransactionClass } from './transaction/transactions.ts';
import { createIntrospector } from './verify/introspection.ts';
import { createKeyRenewal } from './verify/key-renewal.ts';
import { createKeySet } from './verify/key-set.ts';
import { checkedVerify, createVerifier, type VerifyOptions } from './verify/verify.ts';

/** How a backend stands with its service. */
export interface LatchkeyHealth {
  /** True while the line to the service stands. */
  readonly isLinked: boolean;
  /** True once the first list of ended sessions is loaded; before that every token is refused. */
  readonly isReady: boolean;
  /** True when that list is older than `maxStalenessMs`. */
  readonly isStale: boolean;
  /** Age of the list in milliseconds; `null` before the first one. */
  readonly feedAgeMs: number | null;
  /** Ended sessions that are remembered. */
  readonly ended: number;
  /** Sessions with sockets here. */
  readonly sessions: number;
  /** Refusals and failures that a setting changes, since the start; the newest last. See docs/troubleshooting.md. */
  readonly causes: readonly CauseReport<CauseCode>[];
}

/** The sessions with sockets here; see {@link createLocalUserSessions}. */
type LocalSessions = Omit<LocalUserSessions, 'find' | 'follow' | 'close'>;

/** A backend's whole connection with the service; see {@link createLatchkey}. */
export interface Latchkey extends Guards, LocalSessions, ClusterChanges, TenantLimitSetters, Shutdown {
  /** Random for each start of this process; names it in presence. */
  readonly serverId: string;
  /**
   * Resolves when the first list of ended sessions is loaded; before that `verify` throws `revocations_not_ready`.
   *
   * Without a connection it waits, because a service may start after its backends, and logs `service_unreachable` once a minute.
   *
   * @throws Failure when the service refuses this backend: `unauthenticated` (wrong id or secret), `not_found` (`url` is no
   * service), `forbidden` (without the scope `feed`). The next attempt follows within 90 s
   * @throws Error once the line to the service is closed, also for who waits already
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
  /** Ends the line to the service and the sockets of `socketServe`, whose clients come back by themselves. */
  close(): void;
}

/**
 * Connects a Node app with its Latchkey service: checks access tokens offline, guards routes, and signs in sockets.
 * The line to the service opens at once and comes back by itself.
 *
 * @throws TypeError when an option is missing or makes no sense
 * @example
 * const latchkey = createLatchkey({ url: 'https://auth.example.test', backendId, backendSecret });
 * await latchkey.ready();
 * app.use(latchkey.express());
 * const io = latchkey.socketServe(httpServer, { origins: ['https://app.example.test'] });
 */
export function createLatchkey(options: LatchkeyOptions): Latchkey {
  const settings = settingsOf(options);
  const causes = createCauses(settings);
  const suspension = createSuspensionWatch(settings.clock);
  const { url, backendId, backendSecret, maxStalenessMs, ...parts } = settings;
  const issuer = options.issuer && settings.issuer;
  const link = createLink({ ...settings, issuer, audience: options.audience, suspension, causes });
  const clock = { ...settings.clock, now: link.now };
  const proofs = createProofs({ clock, nonceKeys: [nonceKeyOf(backendSecret)] });
  return composeLatchkey({ ...parts, link, suspension, causes, keys: createKeySet(settings), proofs });
}

/**
 * The same over any line, such as one inside the service's own process; opens it.
 *
 * @throws TypeError when a setting makes no sense
 */
export function composeLatchkey(parts: LatchkeyParts): Latchkey {
  assertParts(parts);
  const { link, keys } = parts;
  const settings = { ...parts, ...processSettingsOf(parts) };
  const { clock, log, publicUrl, suspension, issuer, audience } = settings;
  const causes = parts.causes ?? createCauses({ log, clock });
  const judging = { ...clock, now: link.now };
  const proofs = parts.proofs ?? createProofs({ clock: judging });
  const introspector = createIntrospector({
    ...{ ...settings, causes },
    isActive: async (token) => (await link.introspect(token)).active,
    async endedReason(sid) {
      const [row] = await link.authority.inspect([sid]);
      return row?.alive ? undefined : (row?.reason ?? 'ended_by_user');
    },
  });
  const verifier = createVerifier({
    ...{ ...settings, introspector, now: link.now },
    ...{ feed: link.feed, endedReason: link.endedReason },
    names: link.tokenNames ?? (() => ({ issuer, audience })),
  });
  const refusals = createRefusals({ causes, isExplained: isDevelopment(), otherwise: 'request_refused' });
  const { maxInactiveTimeInMinsForInactiveSession } = settings;
  const { serverId } = link;
  const sessions = createLocalUserSessions({ clock, log, serverId, maxInactiveTimeInMinsForInactiveSession });
  const { changes, own, ...cluster } = createClusterChanges({ userSessions: link.userSessions, log });
  const serving = createServing({
    authority: sessions.follow(link.authority),
    ...{ sessions, userSessions: link.userSessions },
    ...{ clock, log, causes, publicUrl, suspension },
    onServed(io, httpServer) {
      cluster.join(io);
      requests.holdAll(httpServer);
    },
  });
  const shutdown = createShutdown({ clock, log, protocol: serving, spreadInSecs: settings.spreadInSecs });
  const requests = createRequests(shutdown);
  const guards = createGuards({ ...settings, clock: judging, verify: verifier.verify, proofs, refusals, requests });

  const keyRenewal = createKeyRenewal({ keys, forget: verifier.forget, onRenewed: link.keysRenewed, clock, causes });
  link.onKeysChanged(keyRenewal.renew);
  link.open();

  return Object.freeze<Latchkey>({
    serverId: link.serverId,
    ready: link.ready,
    verify: async (token, asked) => verifier.verify(token, checkedVerify(asked)),
    ...guards,
    socketServe: serving.socketServe,
    isLocalUserSession: sessions.isLocalUserSession,
    countLocalSessionsByUserId: sessions.countLocalSessionsByUserId,
    isUserSessionServerOrigin: sessions.isUserSessionServerOrigin,
    getLocalUserSessions: sessions.getLocalUserSessions,
    onLocalUserSessionDestroy: sessions.onLocalUserSessionDestroy,
    ...changes,
    ...createTenantLimits(link.tenants),
    get TransactionImplementationClass() {
      return own.TransactionImplementationClass;
    },
    set TransactionImplementationClass(chosen) {
      own.TransactionImplementationClass = chosen as TransactionClass<TransactionCoreClass> | undefined;
    },
    defineTransaction: own.defineTransaction,
    ...shutdown,
    apiRouter<Transaction>(io: Server, name: string, api: ApiRouterOptions<Transaction> = {}) {
      serving.assertServed(io);
      const transactions = api.transactions ?? (own as unknown as TransactionFactory<Transaction>);
      cluster.adopt(transactions);
      const { checkFeed } = verifier;
      const { authority } = link;
      const shared = { clock, log, causes, sessions, shutdown, checkFeed, authority };
      return createApiRouter(io, name, { ...api, transactions, ...shared });
    },
    health() {
      const { isReady, isStale, ageMs } = link.feed();
      const counts = link.counts();
      return {
        isLinked: link.isUp(),
        isReady,
        isStale,
        feedAgeMs: isReady ? Math.round(ageMs) : null,
        ended: counts.ended,
        sessions: counts.sessions,
        causes: causes.list(),
      };
    },
    close() {
      serving.close();
      sessions.close();
      cluster.close();
      keyRenewal.close();
      causes.close();
      link.close();
    },
  });
}
