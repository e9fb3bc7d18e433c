import type { CauseCode, CauseLog, ProtocolCounts, RefusalObserver } from '@latchkey/core';
import { createMetricSet, type Listeners, type MetricClient, type MetricRegistry } from '@latchkey/core/internal';
import type { CallObserver } from '../api/api-router.ts';
import type { ServiceClient } from '../client/service-client.ts';
import { backendMetricTable } from './metric-table.ts';

/** What the metrics of a backend are read from. */
interface BackendMetricsDeps {
  readonly client: Pick<ServiceClient, 'feed' | 'isConnected' | 'counts' | 'presenceCache'>;
  readonly causes: Pick<CauseLog<CauseCode>, 'list'>;
  /** Codes of all causes. */
  readonly causeCodes: readonly string[];
  readonly verificationCounts: () => Readonly<Record<string, number>>;
  readonly socketCounts: () => Pick<ProtocolCounts, 'sockets' | 'authenticated'>;
  readonly refused: Pick<Listeners<Parameters<RefusalObserver>>, 'add'>;
  readonly called: Pick<Listeners<Parameters<CallObserver>>, 'add'>;
}

/**
 * Returns the function that registers the metrics of a backend.
 *
 * @see Latchkey.metrics
 */
export function createBackendMetrics(deps: BackendMetricsDeps): (register: MetricRegistry) => Promise<void> {
  return async (register) => {
    assertRegistry(register);
    readBackend(createMetricSet(backendMetricTable, { register, client: await importClient() }), deps);
  };
}

type BackendMetrics = ReturnType<typeof createMetricSet<typeof backendMetricTable>>;

function readBackend(metrics: BackendMetrics, deps: BackendMetricsDeps): void {
  const { client, causes, causeCodes, refused, called } = deps;
  metrics.read('latchkey_backend_connected', () => Number(client.isConnected()));
  metrics.read('latchkey_backend_ready', () => Number(client.feed().isReady));
  metrics.read('latchkey_backend_revocation_age_seconds', () => {
    const { isReady, ageMs } = client.feed();
    return isReady ? ageMs / 1_000 : undefined;
  });
  metrics.read('latchkey_backend_revocations_remembered', () => client.counts().ended);
  metrics.read('latchkey_backend_verifications_total', deps.verificationCounts);
  metrics.read('latchkey_backend_sockets', () => {
    const { sockets, authenticated } = deps.socketCounts();
    return { browser: sockets, unauthenticated: sockets - authenticated };
  });
  metrics.read('latchkey_backend_sessions_online', () => client.counts().sessions);
  metrics.read('latchkey_backend_presence_sessions', () => client.presenceCache.all().length);
  metrics.read('latchkey_backend_causes_total', () => ({
    ...Object.fromEntries(causeCodes.map((code) => [code, 0])),
    ...Object.fromEntries(causes.list().map(({ code, count }) => [code, count])),
  }));
  refused.add((event, code) => metrics.count('latchkey_backend_refusals_total', { event, code }));
  called.add(({ api, call, result, tookMs }) =>
    metrics.observe('latchkey_backend_call_duration_seconds', { api, call, result }, tookMs / 1_000),
  );
}

/** @throws TypeError it is no registry */
function assertRegistry(register: MetricRegistry): void {
  if (typeof register?.registerMetric !== 'function')
    throw new TypeError('metrics: register has to be a Registry of prom-client');
}

/** prom-client of the app, which has made the registry with it. @throws Error it is not installed */
async function importClient(): Promise<MetricClient> {
  try {
    const { Counter, Gauge, Histogram } = await import('prom-client');
    return { Counter, Gauge, Histogram };
  } catch (cause) {
    throw new Error('metrics: prom-client cannot be loaded; run `npm install prom-client` in the app', { cause });
  }
}
