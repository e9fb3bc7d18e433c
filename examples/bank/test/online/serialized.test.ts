import { expect } from 'chai';
import { serialized } from '../../src/online/serialized.ts';

describe('serialized', () => {
  it('shares a run that has not begun, and begins none before the last one ended', async () => {
    const ends: ((answer: string) => void)[] = [];
    const ask = serialized(() => new Promise<string>((resolve) => void ends.push(resolve)));
    const first = [ask(), ask()];
    await Promise.resolve();
    expect(ends.length).to.equal(1);
    const second = [ask(), ask()];
    await Promise.resolve();
    expect(ends.length).to.equal(1);
    ends[0]!('one');
    expect(await Promise.all(first)).to.deep.equal(['one', 'one']);
    ends[1]!('two');
    expect(await Promise.all(second)).to.deep.equal(['two', 'two']);
    expect(ends.length).to.equal(2);
  });

  it('continues after a failure', async () => {
    let runs = 0;
    const ask = serialized(async () => {
      runs += 1;
      if (runs === 1) throw new Error('not now');
      return runs;
    });
    expect(await ask().catch((error: Error) => error.message)).to.equal('not now');
    expect(await ask()).to.equal(2);
  });
});
