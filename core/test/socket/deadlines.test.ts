import { expect } from 'chai';
import fc from 'fast-check';
import { createFakeClock } from '../../../test-kit/fake-clock.ts';
import { createDeadlines, type Schedulable, unscheduled } from '../../src/socket/deadlines.ts';

interface Item extends Schedulable {
  readonly name: number;
}
const item = (name: number): Item => ({ ...unscheduled, name });

function createRig(tickMs = 250) {
  const clock = createFakeClock();
  const due: { name: number; at: number }[] = [];
  const late: number[] = [];
  const deadlines = createDeadlines<Item>({
    clock,
    tickMs,
    onDue(items, lateMs) {
      for (const { name } of items) due.push({ name, at: clock.monotonic() });
      late.push(lateMs);
    },
  });
  return { clock, deadlines, due, late };
}

describe('createDeadlines', () => {
  it('reports an item once, not before its deadline and at most one tick after it', () => {
    const { clock, deadlines, due } = createRig();
    deadlines.set(item(1), 1_600);
    clock.advance(599);
    expect(due).to.deep.equal([]);
    clock.advance(10_000);
    expect(due).to.deep.equal([{ name: 1, at: 1_750 }]);
    expect(clock.timers()).to.equal(0);
  });

  it('follows a deadline that is moved later, moved earlier, or removed', () => {
    const { clock, deadlines, due } = createRig();
    const [later, earlier, gone] = [item(1), item(2), item(3)];
    for (const each of [later, earlier, gone]) deadlines.set(each, 3_000);
    deadlines.set(later, 5_000);
    deadlines.set(earlier, 2_000);
    deadlines.clear(gone);
    clock.advance(10_000);
    expect(due).to.deep.equal([
      { name: 2, at: 2_000 },
      { name: 1, at: 5_000 },
    ]);
    expect(deadlines.counts().items).to.equal(0);
  });

  it('reports the same items as a naive model for any history', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), name: fc.nat(9), inMs: fc.nat(20_000) }),
      fc.record({ kind: fc.constant('clear' as const), name: fc.nat(9) }),
      fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(6_000) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(1, 7, 250), (steps, tickMs) => {
        const { clock, deadlines, due } = createRig(tickMs);
        const items = Array.from({ length: 10 }, (_, name) => item(name));
        const model = new Map<number, number>();
        for (const one of steps) {
          if (one.kind === 'set') {
            deadlines.set(items[one.name]!, clock.monotonic() + one.inMs);
            model.set(one.name, clock.monotonic() + one.inMs);
          } else if (one.kind === 'clear') {
            deadlines.clear(items[one.name]!);
            model.delete(one.name);
          } else {
            due.length = 0;
            clock.advance(one.ms);
            const expected = [...model].filter(([, at]) => Math.ceil(at / tickMs) * tickMs <= clock.monotonic());
            for (const [name] of expected) model.delete(name);
            expect(due.map(({ name }) => name).sort()).to.deep.equal(expected.map(([name]) => name).sort());
            for (const { name, at } of due) {
              const wanted = expected.find(([other]) => other === name)![1];
              expect(at).to.be.within(wanted, Math.ceil(wanted / tickMs) * tickMs);
            }
          }
          expect(deadlines.counts().items).to.equal(model.size);
          expect(clock.timers()).to.be.at.most(1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('examines due items only', () => {
    const { clock, deadlines, due } = createRig();
    const items = Array.from({ length: 20_000 }, (_, name) => item(name));
    for (const each of items) deadlines.set(each, 600_000 + each.name * 10);
    deadlines.set(item(-1), 2_000);
    clock.advance(5_000);
    expect(deadlines.counts().visits).to.equal(1);
    expect(due).to.have.length(1);
  });

  it('takes one step for a deadline that was moved later many times', () => {
    const { clock, deadlines } = createRig();
    const items = Array.from({ length: 1_000 }, (_, name) => item(name));
    for (let round = 0; round < 20; round += 1) {
      for (const each of items) deadlines.set(each, 5_000 + round * 1_000);
    }
    clock.advance(60_000);
    expect(deadlines.counts().visits).to.equal(2_000);
  });

  it('re-arms a timer that fires early, and reports the delay of a late one', () => {
    const { clock, deadlines, due, late } = createRig();
    const early = { ...clock, after: (ms: number, fn: () => void) => clock.after(Math.min(ms, 300), fn) };
    const names: number[] = [];
    const other = createDeadlines<Item>({
      clock: early,
      tickMs: 250,
      onDue: (items) => names.push(...items.map(({ name }) => name)),
    });
    other.set(item(7), 3_000);
    deadlines.set(item(8), 3_000);
    clock.advance(1_900);
    expect(names).to.deep.equal([]);
    clock.advance(500);
    expect(names).to.deep.equal([7]);
    deadlines.set(item(9), 4_000);
    clock.sleep(60_000);
    clock.advance(0);
    expect(due.map(({ name }) => name)).to.deep.equal([8, 9]);
    expect(late.at(-1)).to.be.greaterThan(50_000);
  });

  it('has no timer after it was closed', () => {
    const { clock, deadlines, due } = createRig();
    deadlines.set(item(1), 2_000);
    deadlines.close();
    deadlines.set(item(2), 2_000);
    expect(clock.timers()).to.equal(0);
    clock.advance(5_000);
    expect(due).to.deep.equal([]);
  });
});
