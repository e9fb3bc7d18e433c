/** One measured value of a comparison, with its unit and its target. */
export interface Metric {
  readonly name: string;
  readonly unit: string;
  /** `more`: the row should reach `target` × floor. `less`: the row should stay below it. */
  readonly better: 'more' | 'less';
  readonly target?: number;
  /** Lower bound in the metric's unit, independent of the floor. */
  readonly min?: number;
  /** Upper bound in the metric's unit, independent of the floor. */
  readonly max?: number;
  /** Short name of the floor, printed in the table. */
  readonly floor: string;
}

/** A row and its floor, ready for repeated measurements. A sample has one value for each metric. */
interface Comparison {
  row(): Promise<readonly number[]>;
  floor(): Promise<readonly number[]>;
  close(): Promise<void>;
}

export interface ComparisonPlan {
  /** The name for `npm run bench -- <name>`. */
  readonly name: string;
  readonly metrics: readonly Metric[];
  /** Warm-up runs of each side, which are discarded. */
  readonly warmUps: number;
  open(): Promise<Comparison>;
}

export interface Samples {
  readonly row: readonly (readonly number[])[];
  readonly floor: readonly (readonly number[])[];
}

/** Measures both sides in turns, so that other load of the machine affects both. The order changes each round. */
export async function runComparison(plan: ComparisonPlan, rounds: number): Promise<Samples> {
  const comparison = await plan.open();
  const row: (readonly number[])[] = [];
  const floor: (readonly number[])[] = [];
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
