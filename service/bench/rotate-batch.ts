import type { ComparisonPlan } from '../../bench/comparison.ts';
import type { TokenPresentation } from '../src/domain/token/token.ts';
import { createBareTable, seedBareTable, updateMany } from './bare-table.ts';
import { rateOfAll } from './rate.ts';
import { openRooms, settle } from './rooms.ts';
import { presentationOf, seedSessions } from './seed.ts';

const count = 20_000;
const batch = 256;
const lanes = 4;
/** Enough that a full batch waits behind each one in flight. */
const hands = 2 * batch * lanes;

/** Rotations as a returning crowd brings them: thousands wait at once, micro-batches of 256 carry them. */
export const rotateBatch: ComparisonPlan = {
  name: 'rotate-batch',
  metrics: [{ name: 'rotations, batched', unit: '/s', better: 'more', min: 25_000, floor: 'UPDATE … FROM unnest' }],
  warmUps: 1,
  async open() {
    const rooms = await openRooms();
    const { database, tokens } = rooms;
    await createBareTable(database);
    let sessions = await seedSessions(database, count);
    const rotate = async (shown: TokenPresentation) => {
      const { verdict } = await tokens.present(shown, () => false);
      if (verdict !== 'rotate') throw new Error(`expected a rotation, got ${verdict}`);
    };
    return {
      async row() {
        sessions = await seedSessions(database, count);
        await settle(database, 'sessions');
        return [await rateOfAll(sessions.map(presentationOf), hands, rotate)];
      },
      async floor() {
        await seedBareTable(
          database,
          sessions.map(({ sid }) => sid),
        );
        await settle(database, 'bare');
        const batches = chunks(sessions, batch);
        return [batch * (await rateOfAll(batches, lanes, (one) => updateMany(database, one)))];
      },
      close: rooms.close,
    };
  },
};

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.floor(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
