import { fail } from '@latchkey/contract';
import type { Clock } from '@latchkey/core/internal';
import { createOwnerSocket } from '../cli/owner-socket.ts';
import type { Config } from '../config/config.ts';
import { createDatabase } from '../db/database.ts';
import type { Db } from '../db/schema.ts';
import type { Audit } from '../domain/audit/audits.ts';
import type { SigningKeys } from '../domain/key/keys.ts';
import { createPresence } from '../domain/presence/presence.ts';
import { createHostTokenReader } from '../domain/secret/host-token.ts';
import { notifyOwners } from '../flow/account/notify-owners.ts';
import { prepareRequestedMails } from '../flow/account/prepare-requested-mails.ts';
import { commandLineActor } from '../flow/admin/actor.ts';
import { createAdminFlows, createBackendFlows, createFlows } from '../flow/flows.ts';
import type { HookFunctions } from '../hook/hook.ts';
import { createHooks } from '../hook/hooks.ts';
import { createMetricsListeners } from '../http/metrics.ts';
import type { LinkTargets } from '../mail/mail-links.ts';
import type { ServiceCauses } from '../ops/causes.ts';
import { createFailureLog } from '../ops/failure-log.ts';
import { createHealth } from '../ops/health.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import { createLocalAuthority } from '../socket/browser/authority.ts';
import { createDomain, type Domain } from './create-domain.ts';
import { createMail } from './create-mail.ts';
import { ensureDevelopmentBackend } from './embedded-backend.ts';
import { createSecretReader } from './embedded-secret.ts';
import { clockLog, endLog, failoverLog, inOrder } from './event-logs.ts';
import { inviteFirstOperator } from './first-operator.ts';
import { createJobRunner } from './job-runner.ts';
import { createJobTable, lateReport } from './job-table.ts';
import type { Component } from './lifecycle.ts';
import { createNodeMetrics, endCounter, readNodeMetrics } from './node-metrics.ts';
import { openMigratedDatabase } from './open-migrated-database.ts';

interface NodeDeps {
  readonly config: Config;
  readonly hooks: HookFunctions;
  readonly log: ServiceLogger;
  readonly clock: Clock;
  readonly causes: ServiceCauses;
  /** Names this process in presence. */
  readonly serverId: string;
  /** Pages that links in mails open. */
  readonly links: LinkTargets;
  /** There is a reader for the link of the development mailbox. */
  readonly wantsMailbox?: boolean;
  /** Called with the link of the first operator. Absent: no link is made. */
  readonly onOperatorLink?: ((link: string) => void) | undefined;
}

export type ServiceNode = ReturnType<typeof createNode>;

/**
 * One node without HTTP and sockets: what these need, and the components that start before them.
 *
 * The composition root: creates every module and flow with its dependencies. Does no I/O.
 */
export function createNode(deps: NodeDeps) {
  const { config, hooks, log, clock, causes, serverId, links, onOperatorLink, wantsMailbox = false } = deps;
  const { metrics, observer } = createNodeMetrics();
  const logWorkFailure = createFailureLog({ log, causes }, 'work_unavailable');
  const logConnectionFailure = createFailureLog({ log, causes }, 'connections_lost');
  const onError = (error: unknown) => {
    observer.onBackgroundError();
    logWorkFailure(error, 'background work failed');
  };
  const database = createDatabase(config, {
    clock,
    onError(error) {
      observer.onDatabaseError();
      logConnectionFailure(error, 'error of the database, or of a connection to it');
    },
  });
  const { db } = database;
  const readSecrets = createSecretReader(config);
  const domain = createDomain({
    config,
    readSecrets,
    database,
    clock,
    onError,
    onFailover: inOrder(failoverLog(log), observer.onFailover),
    onClock: inOrder(clockLog(log), observer.onClock),
    observer: observer.domain,
    // In an embedded database such keys are replaced at the start.
    onMissingSecret: () => causes.report('secret_missing'),
    serverId,
  });
  const functions = createHooks(hooks, {
    clock,
    timeoutMs: config.hookTimeoutInSecs * 1_000,
    readHostToken: createHostTokenReader(readSecrets),
    onFailure: (cause, hook, error) => causes.report(cause, { hook, ...reasonOf(error) }),
  });
  const mail = createMail({
    ...{ ...domain, config, hooks: functions, targets: links },
    ...{ db, causes, clock, onError, wantsMailbox, onMailTried: observer.onMailTried },
  });
  const context = {
    ...{ ...domain, db, clock, config, causes, log, onError },
    mail: mail.availability,
    links: mail.links,
    hooks: functions,
  };
  const flows = observer.observeFlows(createFlows(context));
  const admin = createAdminFlows(context);
  const commandLine = () => commandLineActor(domain.databaseClock);
  const health = createHealth({ ...domain, database });
  const jobs = [
    ...createJobTable(domain, database, config),
    lateReport(domain.tokens, log),
    { name: 'prepare requested mails', everyMs: 1_000, run: () => prepareRequestedMails(context) },
    { name: 'notify owners', everyMs: 5_000, run: () => notifyOwners(context) },
  ];
  readNodeMetrics(metrics, { domain, database, health, causes, clock, log, jobs: jobs.map(({ name }) => name) });
  function assertServing(): void {
    if (!health.isServing()) throw fail('unavailable', { detail: 'the node is not running', retryAfterMs: 1_000 });
  }
  return Object.freeze({
    domain,
    flows,
    admin,
    authority: createLocalAuthority({ flows, ...domain }),
    backends: {
      flows: createBackendFlows(context),
      feed: domain.feed,
      now: domain.time.now,
      suspension: domain.suspension,
      accessTokens: { issuer: config.issuer, audience: config.audience },
      causes,
      kids: () => kidsOf(domain),
      presenceOf: (server: { serverId: string; backendId: string }) => createPresence({ db, clock, onError }, server),
    },
    health,
    metrics,
    observer,
    /** `undefined`: there is none. */
    mailbox: mail.mailbox,
    /** Names this process in presence. */
    serverId,
    /** @throws unavailable the node has not started, or is stopping */
    assertServing,
    /** Runs the hook `claim` again for a user's live sessions. @throws not_found · unavailable */
    async recomputeClaims(userId: string) {
      assertServing();
      return flows.recomputeClaims(userId);
    },
    /** The last to start and the first to stop. */
    readiness: { name: 'readiness', start: () => health.setReady(true), stop: () => health.setReady(false) },
    /** Starts once the HTTP server listens, because the link leads to it. */
    invitation: inviteFirstOperator(config, { operators: domain.operators, db, onLink: onOperatorLink }),
    /** In the order of the start. */
    components: [
      { name: 'causes', stop: causes.close },
      ...createMetricsListeners({ config, metrics, log, causes }),
      {
        name: 'database',
        start: (signal?: AbortSignal) => openMigratedDatabase(database, config, log, signal),
        stop: () => database.close(),
      },
      { name: 'suspension', start: domain.suspension.start, stop: domain.suspension.stop },
      { name: 'secrets', start: () => startSecrets(domain, db) },
      signingKeysComponent(config, { ...domain, db }),
      { name: 'tenants', start: () => domain.tenantChanges.start(), stop: () => domain.tenantChanges.stop() },
      { name: 'blacklist', start: () => domain.feed.start(), stop: () => stopFeed(domain) },
      // After the first reading, which has the ends from before the start.
      {
        name: 'report of ended sessions',
        start() {
          domain.feed.onEnded(endLog(log, clock));
          domain.feed.onEnded(endCounter(metrics));
        },
      },
      {
        name: 'backend for development',
        start: () => ensureDevelopmentBackend(config, { ...domain, db }),
      },
      ...(config.embedded
        ? [createOwnerSocket(config, { ...domain, db, ...mail, admin, actor: commandLine, startKeys }, onError)]
        : []),
      { name: 'presence', start: () => domain.presence.start(), stop: () => domain.presence.stop() },
      createJobRunner({
        ...{ jobs, clock },
        onError(task, error) {
          observer.onJobFailed(task);
          logWorkFailure(error, 'job failed; it runs again at its next time', { task });
        },
      }),
      ...mail.components,
      { name: 'batched writes', stop: () => Promise.all([domain.sessions.flush(), domain.traffic.flush()]) },
    ],
  });
}

const reasonOf = (error: unknown) => (typeof error === 'string' ? { reason: error } : { err: error });

/** Not before the database is open: the owner of the data folder alone may create the secret. */
function startSecrets({ secrets }: Pick<Domain, 'secrets'>, db: Db): Promise<void> {
  secrets.load();
  return secrets.register(db);
}

/** A node that ends sessions after a failover leaves the rest to others. */
function stopFeed({ failover, feed }: Pick<Domain, 'failover' | 'feed'>): Promise<void> {
  failover.stop();
  return feed.stop();
}

const kidsOf = ({ keys }: Pick<Domain, 'keys'>): string =>
  keys
    .jwks()
    .keys.map(({ kid }) => kid)
    .join(' ');

/** The keys of a node have started. */
const startKeys = async () => {};

/**
 * The signing keys as a component. The folder of the embedded database has one owner, so a current key that it cannot
 * decrypt belongs to a lost secret and is replaced. With PostgreSQL another node may have that secret.
 */
function signingKeysComponent(
  { embedded }: Pick<Config, 'embedded'>,
  { keys, audit, db }: { keys: SigningKeys; audit: Pick<Audit, 'record'>; db: Db },
): Component {
  return {
    name: 'keys',
    async start() {
      await keys.start();
      if (!embedded || keys.canSign()) return;
      await keys.rotate(db, (tx, kid) =>
        audit.record(tx, { action: 'keys_rotated', detail: { by: 'start', kid, why: 'secret lost' } }),
      );
    },
    stop: () => keys.stop(),
  };
}
