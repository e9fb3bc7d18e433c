/** The metrics of a node at one moment. */
export interface ReadMetrics {
  /** Sum of the samples of `name` whose labels include `labels`; `undefined` when there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
  /** Names of the metrics, also of those without a sample. */
  readonly names: readonly string[];
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Reads `/metrics` of a node. In development it is open on this machine.
 *
 * @example
 * const before = await readMetrics(node);
 * before.value('latchkey_rotations_total', { verdict: 'rotate' });
 */
export async function readMetrics({ url }: { readonly url: string }): Promise<ReadMetrics> {
  const response = await fetch(`${url}/metrics`);
  if (!response.ok) throw new Error(`/metrics answered ${response.status}`);
  return parseMetrics(await response.text());
}

/** Reads the text format of Prometheus. */
export function parseMetrics(text: string): ReadMetrics {
  const lines = text.split('\n');
  const samples = lines.filter((line) => line !== '' && !line.startsWith('#')).map(parseSample);
  return Object.freeze<ReadMetrics>({
    names: lines.flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []),
    value(name, labels = {}) {
      const found = samples.filter((sample) => sample.name === name && includes(sample.labels, labels));
      return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
    },
  });
}

const includes = (all: Sample['labels'], some: Sample['labels']) =>
  Object.entries(some).every(([name, value]) => all[name] === value);

function parseSample(line: string): Sample {
  const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key!, text!]);
  return { name, labels: Object.fromEntries(pairs), value: Number(value.replace('+Inf', 'Infinity')) };
}
