import { randomUUID } from 'node:crypto';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import fc from 'fast-check';
import { sql } from 'kysely';
import { createDatabaseClock } from '../../../src/db/database-clock.ts';
import type { Database } from '../../../src/db/types.ts';
import { appendRevocations } from '../../../src/domain/revocation/revocation.ts';
import { confirmStored } from '../../../src/domain/session/session-store.ts';
import { applyVerdict, decideRotation, type RotationRow } from '../../../src/domain/token/rotation.ts';
import { createRotationStore } from '../../../src/domain/token/rotation-store.ts';
import type { TokenPresentation } from '../../../src/domain/token/token.ts';
import { epochOf, onEachDatabase } from '../../databases.ts';
import { insertSession, passTime, readRow } from '../../session-rows.ts';

const tagOf = (n: number) => Buffer.alloc(16, n + 1);
/** Of the database under test. */
let epoch = '';
const databaseClock = createDatabaseClock({ clock: createSystemClock() });
const store = createRotationStore({ appendRevocations, retentionSeconds: 400, databaseClock });

/** What may happen to a session: time, an acknowledgement, a presentation of any generation with any keys. */
type Step =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'confirm' }
  | {
      readonly do: 'present';
      readonly back: number;
      readonly keys: readonly number[];
      readonly kind: 'keyed' | 'plain' | 'code';
      readonly wrongTag: boolean;
      readonly jkt: string | null;
      /** Milliseconds from now to the deadline. */
      readonly inMs: number;
    };

// No wait ends near a window's edge, where the few milliseconds of a real statement would decide.
const wait = fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(500, 4_000, 13_000, 27_000, 61_500) });
const present = fc.record({
  do: fc.constant('present' as const),
  back: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(0, 0, 1) },
    { weight: 1, arbitrary: fc.integer({ min: -1, max: 4 }) },
  ),
  keys: fc.uniqueArray(fc.integer({ min: 0, max: 14 }), { minLength: 1, maxLength: 4 }),
  kind: fc.constantFrom('keyed' as const, 'keyed' as const, 'keyed' as const, 'plain' as const, 'code' as const),
  wrongTag: fc.nat({ max: 24 }).map((n) => n === 0),
  jkt: fc.constantFrom(null, null, 'thumb'),
  inMs: fc.constantFrom(5_000, 5_000, 5_000, 5_000, 5_000, 5_000, -1_000, 20_000),
});
const steps = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: wait },
    { weight: 1, arbitrary: fc.constant({ do: 'confirm' as const }) },
    { weight: 7, arbitrary: present },
  ),
  { minLength: 5, maxLength: 30 },
);

function toPresentation(
  sid: string,
  step: Extract<Step, { do: 'present' }>,
  row: RotationRow,
  tags: Map<number, string>,
): TokenPresentation {
  const gen = step.kind === 'code' ? 0 : Math.max(1, row.gen - step.back);
  const tag = step.wrongTag ? 'ff'.repeat(16) : (tags.get(gen) ?? '00'.repeat(16));
  return {
    sid,
    gen,
    tag: step.kind === 'code' ? null : Buffer.from(tag, 'hex'),
    keys: step.keys.map(tagOf),
    jkt: step.jkt,
    kind: step.kind,
    until: Date.now() + step.inMs,
    epoch,
  };
}

/** A presentation of a token with its rotation key, by default of generation 1. */
function keyed(sid: string, tag: Buffer, key: number, change: Partial<TokenPresentation> = {}): TokenPresentation {
  return {
    ...{ sid, gen: 1, tag, keys: [tagOf(key)], jkt: null, kind: 'keyed', until: Date.now() + 5_000, epoch },
    ...change,
  };
}

function twin(shown: TokenPresentation) {
  return {
    ...shown,
    tag: shown.tag?.toString('hex') ?? null,
    keys: shown.keys.map((key) => key.toString('hex')),
  };
}

/** All but times, which differ by the milliseconds of a statement. */
function shape(row: RotationRow) {
  const { gen, tag, confirmed, revoked, history } = row;
  return { gen, tag, confirmed, revoked, history: history.map(({ gen, key }) => ({ gen, key })) };
}

async function replayHistory(database: Database, history: readonly Step[], seen: Map<string, number>, bound: boolean) {
  const sid = await insertSession(database, tagOf(200), bound ? { jkt: 'thumb' } : {});
  const tags = new Map([[1, tagOf(200).toString('hex')]]);
  for (const step of history) {
    if (step.do === 'wait') {
      await passTime(database, sid, step.ms);
      continue;
    }
    const row = await readRow(database, sid);
    if (step.do === 'confirm') {
      await confirmStored(database.db, new Map([[sid, row.gen]]));
      continue;
    }
    const shown = toPresentation(sid, step, row, tags);
    const expected = decideRotation(row, twin(shown), Date.now());
    const [rotation] = await store.present(database.db, [shown]);
    expect(rotation!.verdict).to.equal(expected);
    const after = await readRow(database, sid);
    expect(shape(after)).to.deep.equal(shape(applyVerdict(row, twin(shown), Date.now(), expected)));
    tags.set(after.gen, after.tag);
    seen.set(expected, (seen.get(expected) ?? 0) + 1);
  }
}

onEachDatabase('rotation: the verdict table and its SQL', (database) => {
  before(async () => {
    epoch = await epochOf(database());
  });

  it('agree on random histories that contain every verdict except rare limits', async function () {
    this.timeout(60_000);
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(steps, fc.nat({ max: 5 }), (history, n) => replayHistory(database(), history, seen, n === 0)),
      { numRuns: 120, seed: 4 },
    );
    expect([...seen.keys()]).to.include.members([
      'rotate',
      'replay',
      'superseded',
      'contended',
      'reuse',
      'unknown_generation',
      'key_reused',
      'revoked',
      'proof',
      'late',
    ]);
  });

  it('refuse the 61st rotation of a minute, and do not count older ones', async () => {
    const sid = await insertSession(database(), tagOf(200));
    let row = await readRow(database(), sid);
    const rotate = async (n: number) => {
      const shown = keyed(sid, Buffer.from(row.tag, 'hex'), n, { gen: row.gen });
      const expected = decideRotation(row, twin(shown), Date.now());
      const [rotation] = await store.present(database().db, [shown]);
      expect(rotation!.verdict).to.equal(expected);
      row = await readRow(database(), sid);
      return rotation!.verdict;
    };
    for (let n = 0; n < 59; n++) expect(await rotate(n)).to.equal('rotate');
    expect(await rotate(60)).to.equal('rate_limited');
    await passTime(database(), sid, 61_000);
    row = await readRow(database(), sid);
    expect(await rotate(60)).to.equal('rotate');
    expect(row.history).to.have.length(1);
  });

  it('restart the grace period of the newest rotation when it is repeated', async () => {
    const sid = await insertSession(database(), tagOf(200));
    const show = async (gen: number, tag: Buffer, key: number) => {
      const shown = keyed(sid, tag, key, { gen });
      const expected = decideRotation(await readRow(database(), sid), twin(shown), Date.now());
      const [rotation] = await store.present(database().db, [shown]);
      expect(rotation!.verdict).to.equal(expected);
      return expected;
    };
    expect(await show(1, tagOf(200), 1)).to.equal('rotate');
    await passTime(database(), sid, 61_000);
    expect(await show(1, tagOf(200), 1)).to.equal('replay');
    expect(await show(2, tagOf(1), 2)).to.equal('rotate');
    expect(await show(1, tagOf(200), 1)).to.equal('superseded');
    await passTime(database(), sid, 61_000);
    expect(await show(1, tagOf(200), 1)).to.equal('reuse');
  });

  it('expire by whichever limit comes first', async () => {
    const sid = await insertSession(database(), tagOf(200));
    await passTime(database(), sid, 86_400_001);
    const row = await readRow(database(), sid);
    const shown = keyed(sid, tagOf(200), 1);
    expect(decideRotation(row, twin(shown), Date.now())).to.equal('expired');
    expect((await store.present(database().db, [shown]))[0]!.verdict).to.equal('expired');
  });

  it('answer the second request of a session in a batch with busy, in the order of the batch', async () => {
    const one = await insertSession(database(), tagOf(200));
    const two = await insertSession(database(), tagOf(201));
    const unknown = keyed(randomUUID(), tagOf(1), 9);
    const batch = [keyed(two, tagOf(201), 1), keyed(one, tagOf(200), 2), keyed(two, tagOf(201), 3), unknown];
    const verdicts = (await store.present(database().db, batch)).map((rotation) => rotation.verdict);
    expect(verdicts).to.deep.equal(['rotate', 'rotate', 'busy', 'unknown_session']);
  });

  it('answer late before any other verdict, and change nothing, past the deadline or with one too far ahead', async () => {
    const [lives, revoked] = [await insertSession(database(), tagOf(200)), await insertSession(database(), tagOf(200))];
    await sql`UPDATE sessions SET revoked_at = now(), revoke_reason = 'logout' WHERE sid = ${revoked}`.execute(
      database().db,
    );
    for (const inMs of [-10, 20_000])
      for (const gen of [0, 1, 2]) {
        const until = Date.now() + inMs;
        const batch = [lives, revoked, randomUUID()].map((sid) => keyed(sid, tagOf(200), 1, { gen, until }));
        const verdicts = (await store.present(database().db, batch)).map(({ verdict }) => verdict);
        expect(verdicts).to.deep.equal(['late', 'late', 'late']);
      }
    expect(await readRow(database(), lives)).to.include({ gen: 1, revoked: false });
    expect((await readRow(database(), lives)).history).to.have.length(1);
  });

  it('check the deadline of a row after the wait for its lock, and the other rows as usual', async function () {
    // PGlite has one connection, so no other transaction can hold a row.
    if (database().kind === 'embedded') this.skip();
    const sids = [0, 1, 2].map(() => randomUUID()).sort();
    for (const sid of sids) await insertSession(database(), tagOf(200), { sid });
    const { asked } = await database()
      .db.transaction()
      .execute(async (tx) => {
        await sql`SELECT FROM sessions WHERE sid = ${sids[1]} FOR NO KEY UPDATE`.execute(tx);
        const until = Date.now() + 1_000;
        const batch = sids.map((sid) => keyed(sid, tagOf(200), 1, { until }));
        const presented = store.present(database().db, [batch[0]!, batch[1]!, { ...batch[2]!, until: until + 4_000 }]);
        await new Promise((resolve) => setTimeout(resolve, 1_300));
        return { asked: presented };
      });
    const [first, second, third] = await asked;
    expect([first, second, third].map((rotation) => rotation!.verdict)).to.deep.equal(['rotate', 'late', 'rotate']);
    expect((await readRow(database(), sids[1]!)).gen).to.equal(1);
  });

  it('keep the plan of the statement, whose planning costs more than a rotation', async function () {
    // PGlite prepares no statement under a name.
    if (database().kind === 'embedded') this.skip();
    const keptPlans = await database()
      .db.connection()
      .execute(async (db) => {
        for (let n = 0; n < 10; n++)
          await store.present(db, [keyed(await insertSession(database(), tagOf(200)), tagOf(200), n)]);
        const { rows } = await sql<{ uses: number }>`SELECT generic_plans::int AS uses FROM pg_prepared_statements
          WHERE name = 'rotate'`.execute(db);
        return rows[0]!.uses;
      });
    expect(keptPlans).to.be.at.least(5);
  });
});
