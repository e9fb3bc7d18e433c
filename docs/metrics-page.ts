import type { MetricTable } from '@latchkey/core/internal';
import { backendMetricTable } from '../sdk-server/src/metrics/metric-table.ts';
import { metricTable } from '../service/src/ops/metrics/metric-table.ts';

/** All metrics of the service and of backends. */
export const allMetrics: MetricTable = { ...metricTable, ...backendMetricTable };

/** The page of metrics, from their table. */
export function metricsPage(): string {
  return `# Metrics

What \`/metrics\` has. [observability.md](../run/observability.md) says how to read it, and which metric moves at which fault. Durations
are in seconds. A counter counts from the start of the process. Labels have few values: error codes, verdicts, patterns of routes. None is an id, an
address or a name.

A series begins with 0 at the start, so that \`rate\` and \`increase\` see the first event as well. Those of
\`latchkey_refusals_total\`, \`latchkey_http_requests_total\` and \`latchkey_backend_refusals_total\` are too many, and begin with their
first event.

## The service

${toRows(metricTable)}

Beside them are the metrics of the process: CPU, memory, garbage collection and the lag of the event loop, by the names of
[prom-client](https://github.com/siimon/prom-client#default-metrics), such as \`nodejs_eventloop_lag_p99_seconds\`,
\`nodejs_heap_size_used_bytes\`, \`process_resident_memory_bytes\` and \`process_start_time_seconds\`.

## A backend

\`latchkey.metrics(register)\` of sdk-server registers these.

${toRows(backendMetricTable)}
`;
}

const toRows = (table: MetricTable) =>
  [
    '| name | type | labels | what it measures |\n|---|---|---|---|',
    ...Object.entries(table).map(
      ([name, { type, labels = [], help }]) =>
        `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
    ),
  ].join('\n');
