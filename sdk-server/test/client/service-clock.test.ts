import { expect } from 'chai';
import { createFakeClock, type FakeClock } from '../../../test-kit/fake-clock.ts';
import { createServiceClock, type ServiceClock } from '../../src/client/service-clock.ts';

const hour = 3_600_000;

describe('the time of the service at a backend', () => {
  let clock: FakeClock;
  let time: ServiceClock;
  let logged: string[];
  let causes: string[];
  let setBack: number;
  let base: number;

  beforeEach(() => {
    clock = createFakeClock();
    [logged, causes, setBack] = [[], [], 0];
    const note = (_fields: unknown, message: string) => void logged.push(message);
    time = createServiceClock({
      ...{ clock, log: { warn: note, error: note } },
      causes: { report: (code, { ahead_ms } = {}) => void causes.push(`${code} ${ahead_ms}`) },
    });
    time.onSetBack(() => {
      setBack += 1;
    });
    // Ten minutes before the clock of this machine.
    base = clock.now() - 600_000;
  });

  it('follows the clock of the service, whatever the clock of this machine is', () => {
    time.sample(base, 'e1');
    clock.advance(5_000);
    expect(time.now()).to.equal(base + 5_000);
    expect(logged).to.deep.equal([]);
  });

  it('is compared with the clock of this machine, and a difference is reported once', () => {
    time.sample(clock.now() - 9_000, 'e1');
    expect(causes).to.deep.equal([]);
    time.sample(clock.now() + 20_000, 'e1');
    clock.advance(1_000);
    time.sample(clock.now() + 20_000, 'e1');
    expect(causes).to.deep.equal(['clock_apart -20000']);
  });

  it('uses the message with the shortest delay in the last minute', () => {
    const sent = (atMs: number, latencyMs: number) => time.sample(base + atMs - latencyMs, 'e1');
    sent(0, 300);
    expect(time.now()).to.equal(base - 300);
    clock.advance(1_000);
    sent(1_000, 20);
    expect(time.now()).to.equal(base + 980);
    clock.advance(59_000);
    sent(60_000, 500);
    expect(time.now()).to.equal(base + 59_980);
    clock.advance(30_000);
    // The fast one is older than a minute: the next fastest counts, and what was judged does not go back.
    sent(90_000, 500);
    expect(time.now()).to.equal(base + 89_500);
  });

  it('advances without the service', () => {
    time.sample(base, 'e1');
    clock.advance(10 * hour);
    expect(time.now()).to.equal(base + 10 * hour);
  });

  it('follows a later time at once, as after a suspension of this machine', () => {
    time.sample(base, 'e1');
    time.sample(base + hour, 'e1');
    expect(time.now()).to.equal(base + hour);
  });

  it('never goes back for messages that were delayed', () => {
    time.sample(base, 'e1');
    clock.advance(hour);
    const before = time.now();
    time.sample(base + 1_000, 'e1');
    clock.advance(120_000);
    time.sample(base + 2_000, 'e1');
    expect(time.now()).to.be.at.least(before);
    expect(setBack).to.equal(0);
  });

  it('does not advance when the clock of another epoch is up to 30 s behind', () => {
    time.sample(base, 'e1');
    const before = time.now();
    time.sample(base - 20_000, 'e2');
    expect(time.now()).to.equal(before);
    clock.advance(25_000);
    expect(time.now()).to.equal(base + 5_000);
    expect(setBack).to.equal(0);
  });

  it('follows a clock that was set back once the signing keys were read again, and not before', () => {
    time.sample(base, 'e1');
    const before = time.now();
    time.markKeysRefreshed();
    time.sample(base - 2 * hour, 'e2');
    expect(setBack).to.equal(1);
    expect(time.now()).to.equal(before);
    time.markKeysRefreshed();
    expect(time.now()).to.equal(base - 2 * hour);
  });

  it('is the clock of this machine with an older service, which is logged once', () => {
    time.sample(undefined, 'e1');
    time.sample(undefined, 'e1');
    expect(time.now()).to.equal(clock.now());
    expect(logged).to.have.length(1);
    // Nothing is built on it: the first sample counts, although it lies ten minutes behind.
    time.sample(base, 'e1');
    expect(time.now()).to.equal(base);
  });
});
