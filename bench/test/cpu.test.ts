import { expect } from 'chai';
import { measureCpu, measureRate } from '../cpu.ts';
import { callForBatches } from '../load.ts';

describe('measureRate', () => {
  it('divides operations by seconds, and the CPU time between two readings by operations', async () => {
    const readings = [1_000, 5_000];
    const load = async () => ({ operations: 200, ms: 500 });
    expect(await measureRate(load, () => readings.shift()!)).to.deep.equal({ value: 400, cpuMicros: 20 });
  });

  it('measures this process by default', async () => {
    const work = async () => {
      for (const from = performance.now(); performance.now() - from < 20; );
      return { operations: 1, ms: 20 };
    };
    expect((await measureRate(work)).cpuMicros).to.be.above(1_000);
  });
});

describe('measureCpu', () => {
  it('reads the CPU time of another process before and after the work', async () => {
    const order: string[] = [];
    const cpuTime = async () => order.push('reading');
    const { result, cpuMicros } = await measureCpu(async () => order.push('work'), cpuTime);
    expect([order, result, cpuMicros]).to.deep.equal([['reading', 'work', 'reading'], 2, 2]);
  });
});

describe('callForBatches', () => {
  it('calls with each item once, and counts items as operations', async () => {
    const batches: (readonly number[])[] = [];
    const { operations } = await callForBatches([1, 2, 3], { size: 2, concurrency: 1 }, async (batch) =>
      batches.push(batch),
    );
    expect([operations, batches]).to.deep.equal([3, [[1, 2], [3]]]);
  });
});
