/** One figure of a contest: what it counts, and how far from the floor it may be. */
export interface Metric {
  readonly name: string;
  readonly unit: string;
  /** `more`: the row should reach `goal` × floor. `less`: it should stay below. */
  readonly better: 'more' | 'less';
  readonly target?: number;
  /** A goal in the metric's own unit, whatever the floor. */
  readonly min?: number;
  /** The same, from above. */
  readonly max?: number;
  /** What the floor is, in a few words. */
  readonly floor: string;
}

/** A row beside its floor, both ready to be measured again and again. A sample holds one value for each metric. */
interface Comparison {
  row(): Promise<readonly number[]>;
  floor(): Promise<readonly number[]>;
  close(): Promise<void>;
}

export interface ComparisonPlan {
  /** What `npm run bench -- <name>` takes. */
  readonly name: string;
  readonly metrics: readonly Metric[];
  /** Runs of each side that are thrown away. */
  readonly warmUps: number;
  open(): Promise<Comparison>;
}

export interface Samples {
  readonly row: readonly (readonly number[])[];
  readonly floor: readonly (readonly number[])[];
}

/** Measures both sides in turns, so that whatever else the machine does meets both. Who goes first changes each round. */
export async function runComparison(plan: ComparisonPlan, rounds: number): Promise<Samples> {
  const contest = await plan.open();
  const row: (readonly number[])[] = [];
  const floor: (readonly number[])[] = [];
  const sides = [
    async () => void row.push(await contest.row()),
    async () => void floor.push(await contest.floor()),
  ] as const;
  try {
    for (let round = -plan.warmUps; round < rounds; round++) {
      if (round === 0) row.length = floor.length = 0;
      const [first, second] = round % 2 === 0 ? sides : [sides[1], sides[0]];
      await first();
      await second();
    }
  } finally {
    await contest.close();
  }
  return { row, floor };
}
