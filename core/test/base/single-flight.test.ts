import { setImmediate as soon } from 'node:timers/promises';
import { expect } from 'chai';
import { singleFlight } from '../../src/base/single-flight.ts';

/** Work that ends when the test says so. */
function createWork() {
  const runs: { end(value: string): void; fail(error: Error): void }[] = [];
  const flight = singleFlight(
    () => new Promise<string>((resolve, reject) => void runs.push({ end: resolve, fail: reject })),
  );
  return { flight, runs };
}

describe('singleFlight', () => {
  it('shares the run in flight, and starts another one after it', async () => {
    const { flight, runs } = createWork();
    const both = [flight(), flight()];
    expect(runs).to.have.length(1);
    runs[0]!.end('first');
    expect(await Promise.all(both)).to.deep.equal(['first', 'first']);
    void flight();
    expect(runs).to.have.length(2);
  });

  it('starts another run after one that failed', async () => {
    const { flight, runs } = createWork();
    const failed = flight().catch(({ message }: Error) => message);
    runs[0]!.fail(new Error('no'));
    expect(await failed).to.equal('no');
    const second = flight();
    runs[1]!.end('second');
    expect(await second).to.equal('second');
  });

  it('starts a fresh run only after the run in flight, once for all calls during it', async () => {
    const { flight, runs } = createWork();
    void flight();
    const fresh = [flight.fresh(), flight.fresh()];
    expect(runs).to.have.length(1);
    runs[0]!.end('first');
    await soon();
    expect(runs).to.have.length(2);
    runs[1]!.end('second');
    expect(await Promise.all(fresh)).to.deep.equal(['second', 'second']);
  });

  it('has one run at a time when a call comes between a run and the fresh one', async () => {
    const { flight, runs } = createWork();
    const first = flight();
    const fresh = flight.fresh();
    const between = first.then(() => flight());
    runs[0]!.end('first');
    await soon();
    expect(runs).to.have.length(2);
    runs[1]!.end('second');
    expect(await Promise.all([fresh, between])).to.deep.equal(['second', 'second']);
  });
});
