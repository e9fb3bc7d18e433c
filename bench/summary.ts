import type { Metric, Samples } from './comparison.ts';
import type { Measurement } from './cpu.ts';
import { median, spread } from './statistics.ts';

/** The medians of one side of a comparison. */
interface Side {
  readonly value: number;
  readonly spread: number;
  /** CPU time of one operation in microseconds. `undefined`: the row has no operation. */
  readonly cpuMicros: number | undefined;
}

/** What one run measured of a metric. */
interface Result {
  readonly row: Side;
  readonly floor: Side;
  /** The median of the rounds' own ratios. */
  readonly ratio: number;
}

/** The worst result of all runs. */
export interface Summary extends Result {
  readonly metric: Metric;
  /** Spread of the ratio over the runs. `undefined`: there was one run. */
  readonly ratioSpread: number | undefined;
  readonly isGoalMissed: boolean;
}

/** Returns one summary for each metric. `runs` are the samples of the same comparison. */
export function summarize(metrics: readonly Metric[], runs: readonly Samples[]): Summary[] {
  return metrics.map((metric, index) => {
    const results = runs.map(({ row, floor }) =>
      toResult(
        row.map((sample) => sample[index]!),
        floor.map((sample) => sample[index]!),
      ),
    );
    const worst = worstOf(metric, results);
    const ratioSpread = runs.length > 1 ? spread(results.map(({ ratio }) => ratio)) : undefined;
    return { metric, ...worst, ratioSpread, isGoalMissed: isGoalMissed(metric, worst) };
  });
}

function toResult(row: readonly Measurement[], floor: readonly Measurement[]): Result {
  return {
    row: toSide(row),
    floor: toSide(floor),
    ratio: median(row.map(({ value }, index) => value / floor[index]!.value)),
  };
}

function toSide(measurements: readonly Measurement[]): Side {
  const values = measurements.map(({ value }) => value);
  const cpuTimes = measurements.flatMap(({ cpuMicros }) => cpuMicros ?? []);
  return {
    value: median(values),
    spread: spread(values),
    cpuMicros: cpuTimes.length === 0 ? undefined : median(cpuTimes),
  };
}

/** What the goal of a metric is about: the measured value if it is bounded, otherwise the ratio. */
const subjectOf = ({ bound }: Metric, { row, ratio }: Result): number => (bound === undefined ? ratio : row.value);

function worstOf(metric: Metric, results: readonly Result[]): Result {
  const ascending = results.toSorted((left, right) => subjectOf(metric, left) - subjectOf(metric, right));
  return ascending.at(metric.better === 'more' ? 0 : -1)!;
}

function isGoalMissed(metric: Metric, result: Result): boolean {
  const goal = metric.bound ?? metric.target;
  if (goal === undefined) return false;
  const subject = subjectOf(metric, result);
  return metric.better === 'more' ? subject < goal : subject > goal;
}
