import { expect } from 'chai';
import sinon from 'sinon';
import { createThrottle, type Throttle } from '../../src/platform/timers.ts';

describe('createThrottle', () => {
  let clock: sinon.SinonFakeTimers;
  let page: EventTarget & { visibilityState: string };
  let begun: number;
  /** Each ends one run, the oldest first. */
  let ends: (() => void)[];
  let paced: Throttle;

  beforeEach(() => {
    clock = sinon.useFakeTimers();
    page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
    Object.assign(globalThis, { document: page });
    [begun, ends] = [0, []];
    paced = createThrottle(1_000, () => {
      begun += 1;
      return new Promise<void>((resolve) => ends.push(resolve));
    });
  });
  afterEach(() => {
    paced.stop();
    clock.restore();
    Reflect.deleteProperty(globalThis, 'document');
  });
  const end = async (): Promise<void> => {
    ends.shift()?.();
    await clock.tickAsync(0);
  };

  it('runs at once, then once a period', async () => {
    for (let call = 0; call < 5; call += 1) paced.run();
    expect(begun).to.equal(1);
    await end();
    await clock.tickAsync(999);
    expect(begun).to.equal(1);
    await clock.tickAsync(1);
    expect(begun).to.equal(2);
    await end();
    await clock.tickAsync(5_000);
    expect(begun, 'no further request').to.equal(2);
  });

  it('waits for an answer that takes longer than the period', async () => {
    paced.run();
    paced.run();
    await clock.tickAsync(4_000);
    expect(begun).to.equal(1);
    await end();
    await clock.tickAsync(1_000);
    expect(begun).to.equal(2);
  });

  it('continues after a timeout, and ignores a late answer', async () => {
    paced.run();
    paced.run();
    await clock.tickAsync(15_000);
    expect(begun).to.equal(2);
    paced.run();
    await end();
    await clock.tickAsync(2_000);
    expect(begun, 'the second is still under way').to.equal(2);
    await end();
    await clock.tickAsync(1_000);
    expect(begun).to.equal(3);
  });

  it('does not run while the page is hidden, and after it was stopped', async () => {
    page.visibilityState = 'hidden';
    paced.run();
    expect(begun).to.equal(0);
    page.visibilityState = 'visible';
    page.dispatchEvent(new Event('visibilitychange'));
    expect(begun).to.equal(1);
    paced.run();
    paced.stop();
    await end();
    await clock.tickAsync(20_000);
    expect(begun).to.equal(1);
  });
});
