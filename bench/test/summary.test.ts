import { expect } from 'chai';
import type { Metric, Samples } from '../comparison.ts';
import { summarize } from '../summary.ts';
import { formatTable } from '../table.ts';

const rate: Metric = { name: 'calls', unit: '/s', better: 'more', floor: 'nothing' };
const latency: Metric = { ...rate, name: 'latency', unit: 'ms', better: 'less' };

/** Samples with one metric: pairs of the row's and the floor's value. */
const samplesOf = (...pairs: readonly (readonly [number, number])[]): Samples => ({
  row: pairs.map(([value]) => [{ value, cpuMicros: 1e6 / value }]),
  floor: pairs.map(([, value]) => [{ value, cpuMicros: 1e6 / value }]),
});

const summaryOf = (metric: Metric, ...runs: readonly Samples[]) => summarize([metric], runs)[0]!;

describe('summarize', () => {
  it('returns medians of values and CPU times, and the median of the ratios of rounds', () => {
    const { row, floor, ratio } = summaryOf(rate, samplesOf([100, 400], [200, 200], [400, 100]));
    expect([row.value, row.cpuMicros, floor.value, floor.cpuMicros, ratio]).to.deep.equal([200, 5_000, 200, 5_000, 1]);
  });

  it('has no CPU time for a row without an operation', () => {
    const samples = { row: [[{ value: 6 }]], floor: [[{ value: 3 }]] };
    const { row, floor } = summaryOf(latency, samples);
    expect([row.cpuMicros, floor.cpuMicros]).to.deep.equal([undefined, undefined]);
  });

  it('has no spread of the ratio after one run', () => {
    expect(summaryOf(rate, samplesOf([1, 2])).ratioSpread).to.equal(undefined);
  });

  const runs = [samplesOf([95, 100]), samplesOf([80, 100]), samplesOf([90, 100])];

  it('takes the run with the least ratio if more is better, and says how far ratios lie apart', () => {
    const { ratio, row, ratioSpread } = summaryOf(rate, ...runs);
    expect([ratio, row.value]).to.deep.equal([0.8, 80]);
    expect(ratioSpread).to.be.closeTo(0.15 / 2 / 0.9, 1e-9);
  });

  it('takes the run with the greatest ratio if less is better', () => {
    expect(summaryOf(latency, ...runs).ratio).to.equal(0.95);
  });

  it('takes the run with the worst value if the goal is a bound of the value', () => {
    const unequal = [samplesOf([90, 100]), samplesOf([80, 20])];
    expect(summaryOf({ ...rate, bound: 85 }, ...unequal).row.value).to.equal(80);
    expect(summaryOf({ ...latency, bound: 85 }, ...unequal).row.value).to.equal(90);
  });

  for (const [goal, isGoalMissed] of [
    [{ ...rate, target: 0.9 }, true],
    [{ ...rate, target: 0.8 }, false],
    [{ ...rate, bound: 81 }, true],
    [{ ...rate, bound: 80 }, false],
    [{ ...latency, target: 0.9 }, true],
    [{ ...latency, target: 0.95 }, false],
    [{ ...latency, bound: 94 }, true],
    [{ ...latency, bound: 95 }, false],
    [rate, false],
  ] as const)
    it(`${isGoalMissed ? 'misses' : 'meets'} ${JSON.stringify(goal)} by the worst of three runs`, () => {
      expect(summaryOf(goal, ...runs).isGoalMissed).to.equal(isGoalMissed);
    });
});

describe('formatTable', () => {
  it('shows the CPU time of the row and of its floor, the spread of the runs and a missed goal', () => {
    const runs = [samplesOf([12_000, 10_000]), samplesOf([8_000, 10_000])];
    expect(formatTable(summarize([{ ...rate, target: 0.9 }], runs)).split('\n')).to.deep.equal([
      '| row   | measured | ±   | CPU    | floor               | ±   | CPU    | ratio | ± of runs | goal    |        |',
      '| ----- | -------- | --- | ------ | ------------------- | --- | ------ | ----- | --------- | ------- | ------ |',
      '| calls | 8,000 /s | 0 % | 125 µs | 10,000 /s (nothing) | 0 % | 100 µs | 0.80  | 20 %      | ≥ 0.9 × | missed |',
    ]);
  });

  it('leaves the CPU time of a row without an operation empty', () => {
    const memory = { row: [[{ value: 0.25 }]], floor: [[{ value: 0.5 }]] };
    const summaries = [...summarize([latency], [memory]), ...summarize([rate], [samplesOf([2e6, 4e6])])];
    expect(formatTable(summaries).split('\n')).to.deep.equal([
      '| row     | measured     | ±   | CPU    | floor                  | ±   | CPU     | ratio |',
      '| ------- | ------------ | --- | ------ | ---------------------- | --- | ------- | ----- |',
      '| latency | 0.25 ms      | 0 % |        | 0.5 ms (nothing)       | 0 % |         | 0.50  |',
      '| calls   | 2,000,000 /s | 0 % | 0.5 µs | 4,000,000 /s (nothing) | 0 % | 0.25 µs | 0.50  |',
    ]);
  });
});
