import { type EndReason, type ErrorCode, toFailure } from '@latchkey/contract';
import { type CauseLog, socketCauses } from '@latchkey/core';
import type { Clock } from '@latchkey/core/internal';
import { readPackageVersion } from '../base/package-version.ts';
import type { Database } from '../db/types.ts';
import type { ClockEvent } from '../domain/clock/clock.ts';
import type { FailoverEvent } from '../domain/failover/failover.ts';
import type { Flows } from '../flow/flows.ts';
import type { RequestObserver } from '../http/middleware/access-log.ts';
import type { MailObserver } from '../mail/mail-sender.ts';
import { type ServiceCauses, serviceCauses } from '../ops/causes.ts';
import type { Health } from '../ops/health.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import { createMetrics, type Metrics } from '../ops/metrics/metrics.ts';
import type { ServiceSockets, SocketRefusalObserver } from '../socket/server.ts';
import type { Domain, DomainObserver } from './create-domain.ts';

const inSeconds = (ms: number) => ms / 1_000;

/** The metrics of a node, and the observers that its modules call. Modules do not know the metrics. */
export function createNodeMetrics() {
  const metrics = createMetrics();
  metrics.set('latchkey_build_info', { version: readPackageVersion(), nodejs: process.version }, 1);
  return Object.freeze({ metrics, observer: createNodeObserver(metrics) });
}

function createNodeObserver(metrics: Metrics) {
  const countRefusal = (transport: string, endpoint: string, code: ErrorCode) =>
    metrics.count('latchkey_refusals_total', { transport, endpoint, code });
  const onAnswered: RequestObserver = ({ method, route, status, code, tookMs }) => {
    // Methods and paths of unknown routes are chosen by clients.
    const labels = route === undefined ? { method: 'other', route: 'other' } : { method, route };
    metrics.count('latchkey_http_requests_total', { ...labels, status: String(status) });
    metrics.observe('latchkey_http_request_duration_seconds', labels, inSeconds(tookMs));
    if (code !== undefined) countRefusal('http', route === undefined ? 'other' : `${method} ${route}`, code);
  };
  const domain: DomainObserver = {
    onBatch(batch, size, tookMs) {
      metrics.observe('latchkey_batch_size', { batch }, size);
      metrics.observe('latchkey_batch_duration_seconds', { batch }, inSeconds(tookMs));
    },
    onHashed: (tookMs) => metrics.observe('latchkey_password_hash_duration_seconds', {}, inSeconds(tookMs)),
  };
  const onRefused: SocketRefusalObserver = countRefusal;
  const onMailTried: MailObserver = (result) => metrics.count('latchkey_mails_total', { result });
  return Object.freeze({
    domain,
    onAnswered,
    onRefused,
    onMailTried,
    onDatabaseError: () => metrics.count('latchkey_database_connection_errors_total', {}),
    onBackgroundError: () => metrics.count('latchkey_background_errors_total', {}),
    onFailover: ({ kind }: FailoverEvent) => kind === 'began' && metrics.count('latchkey_failovers_total', {}),
    onClock: ({ kind }: ClockEvent) => kind === 'set_back' && metrics.count('latchkey_clock_set_backs_total', {}),
    onJobFailed: (task: string) => metrics.count('latchkey_job_failures_total', { task }),
    /** Counts what becomes of each login and registration. */
    observeFlows: (flows: Flows): Flows => observeFlows(flows, metrics),
  });
}

function observeFlows(flows: Flows, metrics: Metrics): Flows {
  const login = (method: string) => (result: string) => metrics.count('latchkey_logins_total', { method, result });
  const registration = (result: string) => metrics.count('latchkey_registrations_total', { result });
  return Object.freeze<Flows>({
    ...flows,
    login: withResult(flows.login, login('password')),
    signInByMail: withResult(flows.signInByMail, login('mail')),
    acceptInvitation: withResult(flows.acceptInvitation, login('invitation')),
    register: withResult(flows.register, registration),
  });
}

/** Reports `ok`, or the code of the failure. */
function withResult<Args extends unknown[], Result>(
  flow: (...args: Args) => Promise<Result>,
  report: (result: string) => void,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      const result = await flow(...args);
      report('ok');
      return result;
    } catch (error) {
      report(toFailure(error).code);
      throw error;
    }
  };
}

interface NodeReadings {
  readonly domain: Domain;
  readonly database: Pick<Database, 'pool'>;
  readonly health: Health;
  readonly causes: ServiceCauses;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<ServiceLogger, 'lost'>;
  /** Names of the jobs that may fail. */
  readonly jobs: readonly string[];
}

/** Connects the metrics with the modules that they are read from. */
export function readNodeMetrics(
  metrics: Metrics,
  { domain, database, health, causes, clock, log, jobs }: NodeReadings,
): void {
  const { feed, databaseClock, clockGuard, failover, presence, tokens, traffic, hasher, mailOutbox } = domain;
  metrics.read('latchkey_health_check', async () => {
    // The check sends a statement, and the pool is read before that waits for a connection.
    await Promise.resolve();
    return asFlags((await health.ready()).checks);
  });
  metrics.read('latchkey_rotations_total', tokens.verdictCounts);
  metrics.read('latchkey_sessions_opened_total', traffic.openedCount);
  metrics.read('latchkey_sessions_online', presence.localCount);
  metrics.read('latchkey_revocations_remembered', () => feed.size);
  metrics.read('latchkey_revocation_feed_age_seconds', () => inSeconds(feed.ageMs()));
  metrics.read('latchkey_revocation_hint_age_seconds', () => inSeconds(feed.hintAgeMs()));
  metrics.read('latchkey_password_hashes', hasher.counts);
  metrics.read('latchkey_clock_offset_seconds', () => inSeconds(clockGuard.machineAheadMs()));
  metrics.read('latchkey_clock_width_seconds', () => inSeconds(databaseClock.widthMs()));
  metrics.read('latchkey_clock_reading_age_seconds', () => inSeconds(databaseClock.ageMs()));
  metrics.read('latchkey_machine_timestamp_seconds', () => inSeconds(clock.now()));
  metrics.read('latchkey_failover_recovering', () => Number(failover.isRecovering()));
  metrics.read('latchkey_mails_waiting', mailOutbox.waitingCount);
  metrics.read('latchkey_log_lines_lost_total', () => log.lost?.() ?? 0);
  readPool(metrics, database);
  metrics.read('latchkey_causes_total', () => countCauses(causes, serviceCauses));
  domain.suspension.onResume(() => metrics.count('latchkey_suspensions_total', {}));
  for (const task of jobs) metrics.count('latchkey_job_failures_total', { task }, 0);
}

/** Counts an ended session. */
export const endCounter =
  (metrics: Metrics) =>
  (_sid: string, reason: EndReason): void =>
    metrics.count('latchkey_revocations_total', { reason });

/** Connects the metrics with the sockets of a node. */
export function readSocketMetrics(
  metrics: Metrics,
  { sockets, causes }: { readonly sockets: Pick<ServiceSockets, 'counts' | 'causes'>; readonly causes: ServiceCauses },
): void {
  metrics.read('latchkey_sockets', sockets.counts);
  metrics.read('latchkey_causes_total', () => ({
    ...countCauses(causes, serviceCauses),
    ...countCauses(sockets.causes, socketCauses),
  }));
}

/** How often each cause of the table was reported. */
function countCauses(causes: Pick<CauseLog, 'list'>, table: object): Record<string, number> {
  const reported = causes.list().map(({ code, count }) => [code, count]);
  return { ...Object.fromEntries(Object.keys(table).map((code) => [code, 0])), ...Object.fromEntries(reported) };
}

const asFlags = (checks: Readonly<Record<string, boolean>>) =>
  Object.fromEntries(Object.entries(checks).map(([check, isOk]) => [check, Number(isOk)]));

/** The embedded database has no pool. */
function readPool(metrics: Metrics, { pool }: Pick<Database, 'pool'>): void {
  if (pool === undefined) {
    for (const name of ['latchkey_database_connections_max', 'latchkey_database_pending_requests'] as const)
      metrics.read(name, () => undefined);
    return;
  }
  metrics.read('latchkey_database_connections', () => ({
    used: pool.totalCount - pool.idleCount,
    idle: pool.idleCount,
  }));
  metrics.read('latchkey_database_connections_max', () => pool.options.max);
  // The pool hands out an idle connection in the next turn. Until then a request is among those that wait.
  metrics.read('latchkey_database_pending_requests', () => Math.max(0, pool.waitingCount - pool.idleCount));
}
