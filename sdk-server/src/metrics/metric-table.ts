import type { ErrorCode } from '@latchkey/contract';
import type { MetricTable } from '@latchkey/core/internal';

const callBuckets = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5];

const checkResults: readonly ('ok' | ErrorCode)[] = [
  'ok',
  'unauthenticated',
  'unavailable',
  'revocations_not_ready',
  'revocations_stale',
  'internal_error',
];

/** Every metric of a backend, by its name. `npm run docs` writes the table of docs/reference/metrics.md from it. */
export const backendMetricTable = {
  latchkey_backend_connected: {
    type: 'gauge',
    help: '1 while the service is connected, else 0.',
  },
  latchkey_backend_ready: {
    type: 'gauge',
    help: '1 once the first revocation list is loaded, else 0.',
  },
  latchkey_backend_revocation_age_seconds: {
    type: 'gauge',
    help: 'Age of the revocation list. None before the first one.',
  },
  latchkey_backend_revocations_remembered: {
    type: 'gauge',
    help: 'Ended sessions in the revocation cache.',
  },
  latchkey_backend_verifications_total: {
    type: 'counter',
    help: 'Checked access tokens by result: `ok`, or the error code.',
    labels: ['result'],
    values: { result: checkResults },
  },
  latchkey_backend_sockets: {
    type: 'gauge',
    help: 'Open sockets: `browser`, and of these `unauthenticated`.',
    labels: ['kind'],
  },
  latchkey_backend_sessions_online: {
    type: 'gauge',
    help: 'Sessions with sockets on this backend.',
  },
  latchkey_backend_presence_sessions: {
    type: 'gauge',
    help: 'Entries of presence on all servers, as the service reports them.',
  },
  latchkey_backend_refusals_total: {
    type: 'counter',
    help: 'Refused events of sockets by event and error code; `app`: an event of the app.',
    labels: ['event', 'code'],
  },
  latchkey_backend_call_duration_seconds: {
    type: 'histogram',
    help: 'Time of a call until its answer, by result: `ok`, or the error code.',
    labels: ['api', 'call', 'result'],
    buckets: callBuckets,
  },
  latchkey_backend_causes_total: {
    type: 'counter',
    help: 'Refusals and failures that a change of the configuration ends, by cause.',
    labels: ['cause'],
  },
} as const satisfies MetricTable;
