import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { createWriteBuffer } from '../../src/base/write-buffer.ts';

describe('createWriteBuffer', () => {
  function recorder(write?: (batch: ReadonlyMap<string, number>) => Promise<void>) {
    const batches: [string, number][][] = [];
    const errors: unknown[] = [];
    const coalescer = createWriteBuffer<string, number>({
      clock: createSystemClock(),
      everyMs: 10,
      write: async (batch) => {
        batches.push([...batch]);
        await write?.(batch);
      },
      onError: (error) => errors.push(error),
    });
    return { batches, errors, coalescer };
  }

  it('writes the newest value of each key in one batch', async () => {
    const { batches, coalescer } = recorder();
    coalescer.put('a', 1);
    coalescer.put('b', 1);
    coalescer.put('a', 2);
    await coalescer.flush();
    expect(batches).to.deep.equal([
      [
        ['a', 2],
        ['b', 1],
      ],
    ]);
    await coalescer.flush();
    expect(batches).to.have.length(1);
  });

  it('writes one batch at a time, and later values in the next one', async () => {
    let release = () => {};
    const first = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { batches, coalescer } = recorder(() => first);
    coalescer.put('a', 1);
    const one = coalescer.flush();
    coalescer.put('b', 2);
    const two = coalescer.flush();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(batches).to.have.length(1);
    release();
    await Promise.all([one, two]);
    expect(batches).to.deep.equal([[['a', 1]], [['b', 2]]]);
  });

  it('reports a failed batch and continues', async () => {
    const { batches, errors, coalescer } = recorder(() => Promise.reject(new Error('down')));
    coalescer.put('a', 1);
    await coalescer.flush();
    coalescer.put('a', 2);
    await coalescer.flush();
    expect(errors).to.have.length(2);
    expect(batches).to.have.length(2);
  });

  it('writes after its delay', async () => {
    const { batches, coalescer } = recorder();
    coalescer.put('a', 1);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(batches).to.deep.equal([[['a', 1]]]);
  });
});
