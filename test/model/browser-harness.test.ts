import { expect } from 'chai';
import fc from 'fast-check';
import { confirm, newRow, present, type Row } from '../../sdk-browser/test/harness/verdicts.ts';
import { type RotationRequest, type RotationRow, serviceRules } from './verdict.ts';

/** One presentation: how old its generation is, and which keys come with it. */
interface Step {
  readonly afterMs: number;
  readonly age: number;
  readonly keys: 'fresh' | 'newest' | 'of that time' | 'seen';
  readonly hasTag: boolean;
  readonly confirms: boolean;
}

const names = { unknown_generation: 'unknown' } as Readonly<Record<string, string>>;

function toServiceRow(row: Row): RotationRow {
  const { gen, tag, confirmed, touchedAt, history } = row;
  const recent = history.map((entry) => ({ ...entry }));
  return {
    gen,
    tag,
    confirmed,
    touchedAt,
    history: recent,
    endsAt: 1e12,
    revoked: row.revoked !== undefined,
    jkt: null,
  };
}

function keysOf(row: Row, gen: number, { keys }: Step, count: number): string[] {
  const fresh = `fresh${count}`;
  if (keys === 'newest') return [fresh, row.tag];
  if (keys === 'of that time')
    return [...row.history.filter((entry) => entry.gen === gen).map(({ key }) => key), fresh];
  return keys === 'seen' ? [row.history.at(-1)?.key ?? fresh] : [fresh];
}

/** What later verdicts depend on; the service forgets older entries. */
function stateOf({ gen, tag, confirmed, touchedAt, history }: Row | RotationRow, now: number) {
  return { gen, tag, confirmed, touchedAt, recent: history.filter(({ at }) => at > now - 60_000) };
}

/** Both rows go the same way, presentation by presentation. */
function compare(steps: readonly Step[]): void {
  const row = newRow('s', 'first', 0);
  let now = 0;
  for (const [count, step] of steps.entries()) {
    now += step.afterMs;
    const gen = Math.max(1, row.gen - step.age);
    const tag = gen === row.gen && step.hasTag ? row.tag : 'another';
    const shown: RotationRequest = {
      gen,
      tag,
      keys: keysOf(row, gen, step, count),
      jkt: null,
      kind: 'keyed',
      until: now + 1,
    };
    const before = toServiceRow(row);
    const verdict = serviceRules.decide(before, shown, now);
    const after = serviceRules.apply(before, shown, now, verdict);
    expect(present(row, { gen, tag, keys: shown.keys }, now)).to.equal(names[verdict] ?? verdict);
    expect(row.revoked !== undefined).to.equal(after.revoked);
    if (after.revoked) return;
    expect(stateOf(row, now)).to.deep.equal(stateOf(after, now));
    if (step.confirms) confirm(row, row.gen, now);
  }
}

const step = fc.record<Step>({
  afterMs: fc.oneof(fc.nat(2_000), fc.nat(15_000), fc.nat(90_000)),
  age: fc.constantFrom(0, 0, 0, 1, 1, 2, 3, -1),
  keys: fc.constantFrom('fresh', 'newest', 'newest', 'newest', 'of that time', 'of that time', 'seen'),
  hasTag: fc.constantFrom(true, true, true, true, false),
  confirms: fc.boolean(),
});

describe('the model of the service in the tests of sdk-browser', () => {
  it('decides like the verdict table of the service', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 40 }), compare), { numRuns: 2_000 });
  });
});
