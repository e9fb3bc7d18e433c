import type { ComparisonPlan } from '../../bench/comparison.ts';
import type { TokenPresentation } from '../src/domain/token/token.ts';
import { openBenchDomain, settle } from './bench-domain.ts';
import { createPlainTable, seedPlainTable, updateMany } from './plain-table.ts';
import { rateOfAll } from './rate.ts';
import { presentationOf, seedSessions } from './seed.ts';

const count = 20_000;
const batch = 256;
const inFlight = 4;
/** Enough concurrent rotations that a full batch waits behind each batch in flight. */
const concurrency = 2 * batch * inFlight;

/** Rotations of many clients that reconnect at once: thousands wait, and are sent in micro-batches of 256. */
export const rotateBatch: ComparisonPlan = {
  name: 'rotate-batch',
  metrics: [{ name: 'rotations, batched', unit: '/s', better: 'more', min: 25_000, floor: 'UPDATE … FROM unnest' }],
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
        return [await rateOfAll(sessions.map(presentationOf), concurrency, rotate)];
      },
      async floor() {
        await seedPlainTable(
          database,
          sessions.map(({ sid }) => sid),
        );
        await settle(database, 'plain');
        const batches = chunks(sessions, batch);
        return [batch * (await rateOfAll(batches, inFlight, (one) => updateMany(database, one)))];
      },
      close: domain.close,
    };
  },
};

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.floor(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
