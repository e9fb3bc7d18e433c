import { type ErrorCode, endReasons } from '@latchkey/contract';
import type { MetricTable } from '@latchkey/core/internal';

const requestBuckets = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5];
const batchBuckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const hashBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const sizeBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** What every flow may be refused with. */
const commonResults = ['ok', 'invalid_request', 'rate_limited', 'overloaded', 'unavailable', 'internal_error'] as const;
const loginResults: readonly ('ok' | ErrorCode)[] = [
  ...commonResults,
  'invalid_credentials',
  'link_invalid',
  'mail_code_wrong',
  'user_disabled',
  'tenant_unknown',
  'tenant_disabled',
  'email_unverified',
  'verification_required',
  'password_change_required',
  'session_limit_reached',
  'invalid_scope',
  'forbidden',
];
const registrationResults: readonly ('ok' | ErrorCode)[] = [
  ...commonResults,
  'identifier_taken',
  'weak_password',
  'registration_closed',
  'domain_not_allowed',
  'tenant_unknown',
  'tenant_disabled',
];

/**
 * Every metric of a node, by its name. `npm run docs` writes the table of docs/reference/metrics.md from it.
 *
 * @see https://prometheus.io/docs/practices/naming/
 */
export const metricTable = {
  latchkey_build_info: {
    type: 'gauge',
    help: 'Always 1; the labels have the versions of the service and of Node.js.',
    labels: ['version', 'nodejs'],
  },
  latchkey_health_check: {
    type: 'gauge',
    help: 'Checks of /health/ready: 1 ok, 0 failing.',
    labels: ['check'],
  },
  latchkey_rotations_total: {
    type: 'counter',
    help: 'Presented session tokens, and codes that were presented again, by the verdict of the rotation.',
    labels: ['verdict'],
  },
  latchkey_refusals_total: {
    type: 'counter',
    help: 'Refused requests by error code and endpoint: a route, an event of a socket, or a call of a backend.',
    labels: ['transport', 'endpoint', 'code'],
  },
  latchkey_http_requests_total: {
    type: 'counter',
    help: 'HTTP requests by the pattern of their route; `other`: pages and unknown paths.',
    labels: ['method', 'route', 'status'],
  },
  latchkey_http_request_duration_seconds: {
    type: 'histogram',
    help: 'Time from the first byte of an HTTP request to the end of its answer.',
    labels: ['method', 'route'],
    buckets: requestBuckets,
  },
  latchkey_logins_total: {
    type: 'counter',
    help: 'Logins by method and result: `ok`, or the error code.',
    labels: ['method', 'result'],
    values: { method: ['password', 'mail', 'invitation'], result: loginResults },
  },
  latchkey_registrations_total: {
    type: 'counter',
    help: 'Registrations by result: `ok`, or the error code.',
    labels: ['result'],
    values: { result: registrationResults },
  },
  latchkey_sessions_opened_total: {
    type: 'counter',
    help: 'Sessions that a code opened.',
  },
  latchkey_revocations_total: {
    type: 'counter',
    help: 'Ended sessions that this node read from the revocation list, by reason. Each node reads those of all nodes.',
    labels: ['reason'],
    values: { reason: endReasons },
  },
  latchkey_revocations_remembered: {
    type: 'gauge',
    help: 'Ended sessions in the revocation cache.',
  },
  latchkey_revocation_feed_age_seconds: {
    type: 'gauge',
    help: 'Time since the revocation list was last read to its end.',
  },
  latchkey_revocation_hint_age_seconds: {
    type: 'gauge',
    help: 'Time since the last notification of the database that a session ended.',
  },
  latchkey_sockets: {
    type: 'gauge',
    help: 'Open sockets: `browser`; of these `unauthenticated` and `admin` (subscribed to updates for operators); `backend`.',
    labels: ['kind'],
  },
  latchkey_sessions_online: {
    type: 'gauge',
    help: 'Sessions with sockets on this node. Sessions on sockets of a backend are counted there.',
  },
  latchkey_batch_size: {
    type: 'histogram',
    help: 'Items in one statement: `rotations` or `session_ends`.',
    labels: ['batch'],
    buckets: sizeBuckets,
  },
  latchkey_batch_duration_seconds: {
    type: 'histogram',
    help: 'Time of one statement with its items, until its commit.',
    labels: ['batch'],
    buckets: batchBuckets,
  },
  latchkey_password_hashes: {
    type: 'gauge',
    help: 'Password hashes that are `running`, or `waiting` for a core.',
    labels: ['state'],
  },
  latchkey_password_hash_duration_seconds: {
    type: 'histogram',
    help: 'Time of one password hash or check, without waiting.',
    buckets: hashBuckets,
  },
  latchkey_database_connections: {
    type: 'gauge',
    help: 'Connections of the pool: `used` or `idle`. None with the embedded database.',
    labels: ['state'],
  },
  latchkey_database_connections_max: {
    type: 'gauge',
    help: 'Maximum number of connections of the pool (LATCHKEY_DATABASE_POOL_SIZE). None with the embedded database.',
  },
  latchkey_database_pending_requests: {
    type: 'gauge',
    help: 'Requests that wait because all connections of the pool are in use. None with the embedded database.',
  },
  latchkey_database_connection_errors_total: {
    type: 'counter',
    help: 'Lost connections to the database, and failed attempts to listen for notifications.',
  },
  latchkey_clock_offset_seconds: {
    type: 'gauge',
    help: 'How far the clock of this machine is ahead of the clock of the database.',
  },
  latchkey_clock_width_seconds: {
    type: 'gauge',
    help: 'Width of the interval in which the time of the database is known to be.',
  },
  latchkey_clock_reading_age_seconds: {
    type: 'gauge',
    help: 'Time since the clock of the database was last read.',
  },
  latchkey_clock_set_backs_total: {
    type: 'counter',
    help: 'Times that the clock of the database went back so far that this node replaced the signing keys.',
  },
  latchkey_machine_timestamp_seconds: {
    type: 'gauge',
    help: 'Clock of this machine, as a Unix time.',
  },
  latchkey_suspensions_total: {
    type: 'counter',
    help: 'Times that this process did not run for 2 s or longer.',
  },
  latchkey_failovers_total: {
    type: 'counter',
    help: 'Failovers of the database that this node noticed.',
  },
  latchkey_failover_recovering: {
    type: 'gauge',
    help: '1 while no session is validated because of a failover, else 0.',
  },
  latchkey_mails_total: {
    type: 'counter',
    help: 'Mails of this node: `sent`, `deferred` (tried again later), or `refused` for good.',
    labels: ['result'],
    values: { result: ['sent', 'deferred', 'refused'] },
  },
  latchkey_mails_waiting: {
    type: 'gauge',
    help: 'Mails in the outbox of all nodes that are not sent yet, at most 10,000. Counted every 15 s.',
  },
  latchkey_causes_total: {
    type: 'counter',
    help: 'Refusals and failures that a change of the configuration ends, by cause.',
    labels: ['cause'],
  },
  latchkey_job_failures_total: {
    type: 'counter',
    help: 'Failed runs of periodic work, by task.',
    labels: ['task'],
  },
  latchkey_background_errors_total: {
    type: 'counter',
    help: 'Failures of work in the background, such as a read of the revocation list.',
  },
  latchkey_log_lines_lost_total: {
    type: 'counter',
    help: 'Log lines that were dropped because nothing read them, or because their disk was slow or full.',
  },
} as const satisfies MetricTable;
