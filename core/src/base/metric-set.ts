/** One metric: its type, what it measures, and the names of its labels. Each label has few values, and none is an id. */
export interface MetricRow {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels?: readonly string[];
  /** All values of labels whose values are known. A counter with all values of each label has every series from the start. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
  /** Upper bounds of a histogram, ascending. */
  readonly buckets?: readonly number[];
}

/** Metrics by their names. */
export type MetricTable = Readonly<Record<string, MetricRow>>;

/** What of prom-client makes metrics. Its types are no part of this package, so that it need not be installed. */
export interface MetricClient {
  readonly Counter: new (config: never) => unknown;
  readonly Gauge: new (config: never) => unknown;
  readonly Histogram: new (config: never) => unknown;
}

/** What metrics are registered with: a `Registry` of prom-client. */
export interface MetricRegistry {
  registerMetric(metric: never): void;
}

/** What a reading returns: a number, or numbers by the value of the one label. `undefined`: there is none now. */
type Reading = number | Readonly<Record<string, number>> | undefined;
type ReadMetric = () => Reading | Promise<Reading>;

interface Metric {
  inc(labels: object, value: number): void;
  set(labels: object, value: number): void;
  observe(labels: object, value: number): void;
  reset(): void;
  remove(): void;
}

type NameOf<Table extends MetricTable, Type extends MetricRow['type']> = {
  [Name in keyof Table]: Table[Name]['type'] extends Type ? Name : never;
}[keyof Table];

type LabelsOf<Row extends MetricRow> = Row extends { readonly labels: readonly (infer Label extends string)[] }
  ? Readonly<Record<Label, string>>
  : Readonly<Record<never, string>>;

/**
 * Makes the metrics of a table. Work that happens is counted (`count`, `observe`); states are read when the metrics are
 * read (`read`).
 *
 * @throws Error the registry has a metric of one of these names
 * @example
 * const metrics = createMetricSet(table, { register: new Registry(), client: { Counter, Gauge, Histogram } });
 * metrics.count('logins_total', { result: 'ok' });
 * metrics.read('sessions_online', presence.localCount);
 */
export function createMetricSet<const Table extends MetricTable>(
  table: Table,
  { register, client }: { readonly register: MetricRegistry; readonly client: MetricClient },
) {
  const readings = new Map<keyof Table, ReadMetric>();
  const metrics = new Map<keyof Table, Metric>(
    Object.entries(table).map(([name, row]) => [name, createMetric(name, row)]),
  );

  function createMetric(name: string, row: MetricRow): Metric {
    const { type, help, labels = [], buckets = [] } = row;
    const common = { name, help, labelNames: [...labels], registers: [register] };
    if (type === 'histogram') return construct(client.Histogram, { ...common, buckets: [...buckets] });
    const change = type === 'counter' ? 'inc' : 'set';
    const collect = async () => {
      const read = readings.get(name);
      if (read !== undefined) setSamples(metrics.get(name)!, { change, row }, await readSafely(read));
    };
    return construct(type === 'counter' ? client.Counter : client.Gauge, { ...common, collect });
  }

  for (const [name, row] of Object.entries(table)) addKnownSeries(metrics.get(name)!, row);

  return Object.freeze({
    /** Adds `by`, by default 1. A sample of 0 shows a counter before its first event, so that rates see that one too. */
    count<Name extends NameOf<Table, 'counter'>>(name: Name, labels: LabelsOf<Table[Name]>, by = 1) {
      metrics.get(name)!.inc(labels, by);
    },
    /** Adds an observation to a histogram. */
    observe<Name extends NameOf<Table, 'histogram'>>(name: Name, labels: LabelsOf<Table[Name]>, value: number) {
      metrics.get(name)!.observe(labels, value);
    },
    /** Sets a gauge whose value does not change. */
    set<Name extends NameOf<Table, 'gauge'>>(name: Name, labels: LabelsOf<Table[Name]>, value: number) {
      metrics.get(name)!.set(labels, value);
    },
    /**
     * Calls `read` whenever the metrics are read. A metric whose reading throws or returns `undefined` has no sample then.
     */
    read(name: NameOf<Table, 'counter' | 'gauge'>, read: ReadMetric) {
      readings.set(name, read);
    },
  });
}

const construct = (kind: MetricClient['Counter'], config: object): Metric => new kind(config as never) as Metric;

/** A rate sees the first event only if there was a sample before it. */
function addKnownSeries(metric: Metric, { type, labels = [], values = {} }: MetricRow): void {
  if (type !== 'counter' || labels.length === 0) return;
  const series = labels.reduce<object[]>(
    (all, label) => all.flatMap((one) => (values[label] ?? []).map((value) => ({ ...one, [label]: value }))),
    [{}],
  );
  for (const one of series) metric.inc(one, 0);
}

async function readSafely(read: ReadMetric): Promise<Reading> {
  try {
    return await read();
  } catch {
    return undefined;
  }
}

function setSamples(
  metric: Metric,
  { change, row }: { readonly change: 'inc' | 'set'; readonly row: MetricRow },
  reading: Reading,
): void {
  const label = row.labels?.[0];
  metric.reset();
  if (reading !== undefined) addKnownSeries(metric, row);
  // A metric without labels begins at 0, which would be a value.
  if (label === undefined) metric.remove();
  if (typeof reading === 'number') metric[change]({}, reading);
  else for (const [key, value] of Object.entries(reading ?? {})) metric[change]({ [label!]: key }, value);
}
