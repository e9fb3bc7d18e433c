import { expect } from 'chai';
import { createFakeClock } from '../../../test-kit/fake-clock.ts';
import { createJobRunner } from '../../src/bootstrap/job-runner.ts';

const minute = 60_000;

describe('createJobRunner', () => {
  function startJobs(everyMs: number) {
    const clock = createFakeClock();
    const runs: number[] = [];
    const startedAt = clock.monotonic();
    const run = async () => void runs.push(clock.monotonic() - startedAt);
    const runner = createJobRunner({ jobs: [{ name: 'job', everyMs, run }], clock, onError: () => {} });
    void runner.start!();
    return {
      runs,
      async advance(ms: number) {
        for (let at = 0; at < ms; at += 1_000) {
          clock.advance(1_000);
          await new Promise(setImmediate);
        }
      },
    };
  }

  it('runs work that comes back rarely within half a minute of the start, then once a period', async () => {
    const { runs, advance } = startJobs(20 * minute);
    await advance(31_000);
    expect(runs).to.have.length(1);
    expect(runs[0]).to.be.at.least(5_000);
    await advance(19 * minute);
    expect(runs).to.have.length(1);
    await advance(4 * minute);
    expect(runs).to.have.length(2);
  });

  it('spreads the first runs of nodes that start at once', async () => {
    const nodes = Array.from({ length: 20 }, () => startJobs(10 * minute));
    for (const { advance } of nodes) await advance(31_000);
    const seconds = nodes.map(({ runs }) => Math.floor(runs[0]! / 1_000));
    expect(new Set(seconds).size).to.be.at.least(6);
  });

  it('lets work that comes back often wait for its period', async () => {
    const { runs, advance } = startJobs(1_000);
    await advance(5_000);
    expect(runs.length).to.be.within(2, 5);
  });
});
