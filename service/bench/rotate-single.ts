import type { ComparisonPlan } from '../../bench/comparison.ts';
import { measureRate } from '../../bench/cpu.ts';
import { callForAll } from '../../bench/load.ts';
import type { TokenPresentation } from '../src/domain/token/token.ts';
import { openBenchDomain, settle } from './bench-domain.ts';
import { createPlainTable, seedPlainTable, updateOne } from './plain-table.ts';
import { presentationOf, seedSessions } from './seed.ts';

const count = 1_000;

/** Rotations one at a time, as of a single client: present, decide, write, commit, answer. */
export const rotateSingle: ComparisonPlan = {
  name: 'rotate',
  metrics: [{ name: 'rotations, one by one', unit: '/s', better: 'more', floor: 'UPDATE … WHERE id' }],
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
        return [await measureRate(() => callForAll(presentations, 1, rotate))];
      },
      async floor() {
        await seedPlainTable(
          database,
          sessions.map(({ sid }) => sid),
        );
        await settle(database, 'plain');
        return [await measureRate(() => callForAll(sessions, 1, (one) => updateOne(database, one)))];
      },
      close: domain.close,
    };
  },
};
