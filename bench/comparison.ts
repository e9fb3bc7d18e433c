import type { Measurement } from './cpu.ts';

/** One measured value of a comparison, with its unit and its target. */
export interface Metric {
  readonly name: string;
  readonly unit: string;
  /** Whether a greater or a smaller value is better. */
  readonly better: 'more' | 'less';
  /** A goal: row ÷ floor. */
  readonly target?: number;
  /** A goal in the metric's unit, independent of the floor: the least value, or the greatest one if less is better. */
  readonly bound?: number;
  /** Short name of the floor, printed in the table. */
  readonly floor: string;
}

/** One measurement for each metric. */
export type Sample = readonly Measurement[];

/** A row and its floor, ready for repeated measurements. */
interface Comparison {
  row(): Promise<Sample>;
  floor(): Promise<Sample>;
  close(): Promise<void>;
}

export interface ComparisonPlan {
  /** The name for `npm run bench -- <name>`. */
  readonly name: string;
  readonly metrics: readonly Metric[];
  /** Warm-up runs of each side, which are discarded. */
  readonly warmUps: number;
  open(): Promise<Comparison>;
  /** Returns a further table of the row's code, printed below the others. */
  details?(): Promise<string>;
}

export interface Samples {
  readonly row: readonly Sample[];
  readonly floor: readonly Sample[];
}

/** Measures both sides in turns, so that other load of the machine affects both. The order changes each round. */
export async function runComparison(plan: ComparisonPlan, rounds: number): Promise<Samples> {
  const comparison = await plan.open();
  const row: Sample[] = [];
  const floor: Sample[] = [];
  const sides = [
    async () => void row.push(await comparison.row()),
    async () => void floor.push(await comparison.floor()),
  ] as const;
  try {
    for (let round = -plan.warmUps; round < rounds; round++) {
      if (round === 0) row.length = floor.length = 0;
      const [first, second] = round % 2 === 0 ? sides : [sides[1], sides[0]];
      await first();
      await second();
    }
  } finally {
    await comparison.close();
  }
  return { row, floor };
}
