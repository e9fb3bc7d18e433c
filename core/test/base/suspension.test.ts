import { expect } from 'chai';
import { createFakeClock } from '../../../test-kit/fake-clock.ts';
import { createSuspensionDetector } from '../../src/internal.ts';

describe('createSuspensionDetector', () => {
  function watched() {
    const clock = createFakeClock();
    const watch = createSuspensionDetector(clock);
    const resumed: number[] = [];
    watch.onResume(() => resumed.push(clock.monotonic()));
    return { clock, watch, resumed };
  }

  it('reports nothing before its start, after its stop, or while the process runs', () => {
    const { clock, watch, resumed } = watched();
    clock.sleep(60_000);
    watch.check();
    watch.start();
    clock.advance(60_000);
    watch.check();
    clock.sleep(1_900);
    watch.check();
    clock.advance(0);
    watch.stop();
    expect(clock.timers()).to.equal(0);
    clock.sleep(60_000);
    watch.check();
    expect(resumed).to.deep.equal([]);
    expect(watch.resumedAt).to.equal(Number.NEGATIVE_INFINITY);
  });

  for (const [first, run] of [
    ['a reader', ({ watch }: ReturnType<typeof watched>) => watch.check()],
    ['its timer', ({ clock }: ReturnType<typeof watched>) => clock.advance(0)],
  ] as const) {
    it(`reports a suspension of more than 2 s once, whether ${first} or the other runs first after it`, () => {
      const all = watched();
      all.watch.start();
      all.clock.sleep(2_001);
      run(all);
      const at = all.clock.monotonic();
      all.clock.advance(0);
      all.watch.check();
      expect(all.resumed).to.deep.equal([at]);
      expect(all.watch.resumedAt).to.equal(at);
      all.clock.sleep(5_000);
      all.watch.check();
      expect(all.resumed).to.have.length(2);
    });
  }

  it('reports a suspension during which the monotonic clock stopped', () => {
    const { clock, watch, resumed } = watched();
    watch.start();
    watch.markResumed();
    expect(resumed).to.deep.equal([clock.monotonic()]);
    expect(watch.resumedAt).to.equal(clock.monotonic());
  });
});
