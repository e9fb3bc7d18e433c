import { createMetricSet } from '@latchkey/core/internal';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { metricTable } from './metric-table.ts';
import { processMetrics } from './process-metrics.ts';

export type Metrics = ReturnType<typeof createMetrics>;

/**
 * The metrics of one node in a registry of their own, so that several nodes of a process do not share numbers.
 *
 * @example
 * const metrics = createMetrics();
 * metrics.count('latchkey_logins_total', { method: 'password', result: 'ok' });
 * const text = await metrics.text();
 */
export function createMetrics() {
  const register = new Registry();
  return Object.freeze({
    ...createMetricSet(metricTable, { register, client: { Counter, Gauge, Histogram } }),
    /** All metrics of the node and its process in the text format of Prometheus. */
    text: () => Registry.merge([register, processMetrics()]).metrics(),
    /** Of {@link Metrics.text}. */
    contentType: register.contentType,
  });
}
