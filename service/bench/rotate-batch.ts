import type { ComparisonPlan } from '../../bench/comparison.ts';
import { measureRate } from '../../bench/cpu.ts';
import { callForAll, callForBatches } from '../../bench/load.ts';
import type { TokenPresentation } from '../src/domain/token/token.ts';
import { openBenchDomain, settle } from './bench-domain.ts';
import { createPlainTable, seedPlainTable, updateMany } from './plain-table.ts';
import { presentationOf, type Seeded, seedSessions } from './seed.ts';

const count = 20_000;
const batch = 256;
const inFlight = 4;
/** Enough concurrent rotations that a full batch waits behind each batch in flight. */
const concurrency = 2 * batch * inFlight;

/** Rotations of many clients that reconnect at once: thousands wait, and are sent in micro-batches of 256. */
export const rotateBatch: ComparisonPlan = {
  name: 'rotate-batch',
  metrics: [{ name: 'rotations, batched', unit: '/s', better: 'more', bound: 25_000, floor: 'UPDATE … FROM unnest' }],
  warmUps: 1,
  async open() {
    const domain = await openBenchDomain();
    const { database, tokens } = domain;
    await createPlainTable(database);
    let sessions = await seedSessions(database, count);
    const rotate = async (presentation: TokenPresentation) => {
      const { verdict } = await tokens.present(presentation, () => false);
      if (verdict !== 'rotate') throw new Error(`expected a rotation, got ${verdict}`);
    };
    return {
      async row() {
        sessions = await seedSessions(database, count);
        await settle(database, 'sessions');
        const presentations = sessions.map(presentationOf);
        return [await measureRate(() => callForAll(presentations, concurrency, rotate))];
      },
      async floor() {
        await seedPlainTable(
          database,
          sessions.map(({ sid }) => sid),
        );
        await settle(database, 'plain');
        const update = (some: readonly Seeded[]) => updateMany(database, some);
        return [await measureRate(() => callForBatches(sessions, { size: batch, concurrency: inFlight }, update))];
      },
      close: domain.close,
    };
  },
};
