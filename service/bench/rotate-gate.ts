import { CompiledQuery } from 'kysely';
import type { ComparisonPlan } from '../../bench/comparison.ts';
import { measureRate } from '../../bench/cpu.ts';
import { callForBatches } from '../../bench/load.ts';
import { isServedSql, servedEpochCte } from '../src/db/epoch.ts';
import type { Db } from '../src/db/schema.ts';
import { appendRevocations, retentionSeconds } from '../src/domain/revocation/revocation.ts';
import { createRotationStore } from '../src/domain/token/rotation-store.ts';
import { openBenchDomain, settle } from './bench-domain.ts';
import { presentationOf, type Seeded, seedSessions } from './seed.ts';

const batch = 64;
const batches = 100;

/** Cost of comparing the epoch of each presentation with the served epoch. */
export const rotateGate: ComparisonPlan = {
  name: 'rotate-gate',
  metrics: [{ name: 'rotations with the gate', unit: '/s', better: 'more', floor: 'the same without' }],
  warmUps: 1,
  async open() {
    const { database, databaseClock, close } = await openBenchDomain();
    const store = createRotationStore({ appendRevocations, retentionSeconds, databaseClock });
    const rateOn = async (db: Db) => {
      const sessions = await seedSessions(database, batch * batches);
      await settle(database, 'sessions');
      const rotate = async (some: readonly Seeded[]) => {
        const answers = await store.present(db, some.map(presentationOf));
        if (answers.some(({ verdict }) => verdict !== 'rotate')) throw new Error('expected rotations only');
      };
      return [await measureRate(() => callForBatches(sessions, { size: batch, concurrency: 1 }, rotate))];
    };
    const ungated = withoutGate(database.db);
    return { row: () => rateOn(database.db), floor: () => rateOn(ungated), close };
  },
};

/** A handle of the database whose rotation statement compares no epochs. */
function withoutGate(db: Db): Db {
  const value = (query: CompiledQuery) => db.executeQuery(CompiledQuery.raw(ungate(query.sql), [...query.parameters]));
  return Object.create(db, { executeQuery: { value } });
}

function ungate(statement: string): string {
  const parts: readonly (readonly [string, string])[] = [
    ['name: rotate ', 'name: rotate_without_gate '],
    [`${servedEpochCte},`, ''],
    [`NOT ${isServedSql('l.epoch')}`, 'false'],
    [`NOT ${isServedSql('r.epoch')}`, 'false'],
  ];
  return parts.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`The rotation statement has no part ${from}`);
    return text.replace(from, to);
  }, statement);
}
