import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type MetricRow, type MetricTable, metricTable } from './metric-table.ts';
import { processMetrics } from './process-metrics.ts';

type NameOf<Type extends MetricRow['type']> = {
  [Name in keyof MetricTable]: MetricTable[Name]['type'] extends Type ? Name : never;
}[keyof MetricTable];

type LabelsOf<Name extends keyof MetricTable> = MetricTable[Name] extends { readonly labels: readonly (infer L)[] }
  ? Readonly<Record<L & string, string>>
  : Readonly<Record<never, string>>;

/** What a reading returns: a number, or numbers by the value of the one label. `undefined`: there is none now. */
type Reading = number | Readonly<Record<string, number>> | undefined;

export type Metrics = ReturnType<typeof createMetrics>;

/**
 * The metrics of one node in a registry of their own, so that several nodes of a process do not share numbers. Work that
 * happens is counted (`count`, `observe`); states are read when the metrics are read (`read`).
 *
 * @example
 * const metrics = createMetrics();
 * metrics.count('latchkey_logins_total', { method: 'password', result: 'ok' });
 * metrics.read('latchkey_sessions_online', presence.localCount);
 * const text = await metrics.text();
 */
export function createMetrics() {
  const register = new Registry();
  const readings = new Map<keyof MetricTable, () => Reading | Promise<Reading>>();
  const metrics = new Map(rows.map(([name, row]) => [name, createMetric(name, row)]));

  function createMetric(name: keyof MetricTable, { type, help, labels = [], buckets = [] }: MetricRow): AnyMetric {
    const common = { name, help, labelNames: [...labels], registers: [register] };
    if (type === 'histogram') return new Histogram({ ...common, buckets: [...buckets] });
    const collect = async () => {
      const read = readings.get(name);
      if (read !== undefined) setSamples(metrics.get(name)!, labels[0], await readSafely(read));
    };
    return type === 'counter' ? new Counter({ ...common, collect }) : new Gauge({ ...common, collect });
  }

  return Object.freeze({
    /** Adds `by`, by default 1. A sample of 0 shows a counter before its first event, so that rates see that one too. */
    count<Name extends NameOf<'counter'>>(name: Name, labels: LabelsOf<Name>, by = 1) {
      (metrics.get(name) as Counter).inc(labels, by);
    },
    /** Adds an observation to a histogram. */
    observe<Name extends NameOf<'histogram'>>(name: Name, labels: LabelsOf<Name>, value: number) {
      (metrics.get(name) as Histogram).observe(labels, value);
    },
    /** Sets the value of a gauge that does not change. */
    set<Name extends NameOf<'gauge'>>(name: Name, labels: LabelsOf<Name>, value: number) {
      (metrics.get(name) as Gauge).set(labels, value);
    },
    /**
     * Calls `read` whenever the metrics are read. A metric whose reading throws or returns `undefined` has no sample then.
     */
    read(name: NameOf<'counter' | 'gauge'>, read: () => Reading | Promise<Reading>) {
      readings.set(name, read);
    },
    /** All metrics of the node and its process in the text format of Prometheus. */
    text: () => Registry.merge([register, processMetrics()]).metrics(),
    /** Of {@link Metrics.text}. */
    contentType: register.contentType,
  });
}

type AnyMetric = Counter | Gauge | Histogram;

const rows = Object.entries(metricTable) as [keyof MetricTable, MetricRow][];

async function readSafely(read: () => Reading | Promise<Reading>): Promise<Reading> {
  try {
    return await read();
  } catch {
    return undefined;
  }
}

function setSamples(metric: AnyMetric, label: string | undefined, reading: Reading): void {
  metric.reset();
  // A metric without labels begins at 0, which would be a value.
  if (label === undefined) metric.remove();
  const add = (value: number, labels: Record<string, string>) =>
    metric instanceof Gauge ? metric.set(labels, value) : (metric as Counter).inc(labels, value);
  if (typeof reading === 'number') add(reading, {});
  else for (const [key, value] of Object.entries(reading ?? {})) add(value, { [label!]: key });
}
