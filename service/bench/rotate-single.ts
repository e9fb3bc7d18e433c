import type { ComparisonPlan } from '../../bench/comparison.ts';
import type { TokenPresentation } from '../src/domain/token/token.ts';
import { createBareTable, seedBareTable, updateOne } from './bare-table.ts';
import { rateOfAll } from './rate.ts';
import { openRooms, settle } from './rooms.ts';
import { presentationOf, seedSessions } from './seed.ts';

const count = 1_000;

/** Rotations one after the other, as a lone client would meet them: present, decide, write, commit, answer. */
export const rotateSingle: ComparisonPlan = {
  name: 'rotate',
  metrics: [{ name: 'rotations, one by one', unit: '/s', better: 'more', floor: 'UPDATE … WHERE id' }],
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
        return [await rateOfAll(sessions.map(presentationOf), 1, rotate)];
      },
      async floor() {
        await seedBareTable(
          database,
          sessions.map(({ sid }) => sid),
        );
        await settle(database, 'bare');
        return [await rateOfAll(sessions, 1, (session) => updateOne(database, session))];
      },
      close: rooms.close,
    };
  },
};
