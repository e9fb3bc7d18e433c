import { expect } from 'chai';
import { sql } from 'kysely';
import { createSystemClock } from '../../../src/base/clock.ts';
import { createTraffic } from '../../../src/domain/traffic/traffic.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';

onEachDatabase('createTraffic', (database) => {
  const db = () => database().db;
  const errors: unknown[] = [];
  const node = () =>
    createTraffic({ db: db(), clock: createSystemClock(), onError: (error) => void errors.push(error) });
  beforeEach(() => emptyTables(database()));

  it('adds up what every node counted', async () => {
    const [one, two] = [node(), node()];
    for (let i = 0; i < 5; i++) one.count('rotations');
    two.count('rotations');
    two.count('logins');
    await Promise.all([one.flush(), two.flush()]);
    one.count('logins');
    await one.flush();
    const minutes = await one.lastHour(db());
    const sum = (what: 'rotations' | 'logins') => minutes.reduce((total, minute) => total + minute[what], 0);
    expect([sum('rotations'), sum('logins')]).deep.equal([6, 2]);
    expect(errors).deep.equal([]);
  });

  it('tells sixty minutes with their gaps, oldest first, the running one last', async () => {
    await sql`INSERT INTO traffic (minute, rotations, logins) SELECT date_trunc('minute', now()) - i * interval '1 minute',
      i, 1 FROM unnest(ARRAY[1, 59, 60]) i`.execute(db());
    const minutes = await node().lastHour(db());
    expect(minutes).length(60);
    // The minute may have turned meanwhile.
    expect(minutes.map(({ rotations }) => rotations).filter((count) => count > 0)).satisfies(
      (counts: number[]) => counts.join() === '59,1' || counts.join() === '1',
    );
    for (const [n, { at }] of minutes.entries())
      if (n > 0) expect(at.getTime() - minutes[n - 1]!.at.getTime()).equal(60_000);
  });

  it('removes what is a day old', async () => {
    await sql`INSERT INTO traffic (minute) SELECT now() - i * interval '1 hour' FROM unnest(ARRAY[1, 25]) i`.execute(
      db(),
    );
    await node().dispose();
    expect(await db().selectFrom('traffic').selectAll().execute()).length(1);
  });
});
