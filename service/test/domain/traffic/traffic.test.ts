import { randomBytes } from 'node:crypto';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { sql } from 'kysely';
import { createTraffic } from '../../../src/domain/traffic/traffic.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { insertSession, passTime } from '../../session-rows.ts';

onEachDatabase('createTraffic', (database) => {
  const db = () => database().db;
  const errors: unknown[] = [];
  const node = () =>
    createTraffic({ db: db(), clock: createSystemClock(), onError: (error) => void errors.push(error) });
  beforeEach(() => emptyTables(database()));

  it('adds up the counts of all nodes', async () => {
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

  it('returns sixty minutes with their gaps, the current one last', async () => {
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

  describe('the sample of live sessions', () => {
    const enter = () => insertSession(database(), randomBytes(16));
    const sampled = async (traffic = node()) =>
      (await traffic.lastHour(db())).flatMap(({ sessions }) => (sessions === null ? [] : [sessions]));

    it('counts neither ended nor expired sessions', async () => {
      const [, ended, expired, idle] = [await enter(), await enter(), await enter(), await enter()];
      await sql`UPDATE sessions SET revoked_at = now(), revoke_reason = 'logout' WHERE sid = ${ended}::uuid`.execute(
        db(),
      );
      await passTime(database(), expired, 25 * 3_600_000);
      await sql`UPDATE sessions SET idle_seconds = 60, idle_expires_at = now() - interval '1 second'
        WHERE sid = ${idle}::uuid`.execute(db());
      const traffic = node();
      await traffic.sample();
      expect(await sampled(traffic)).deep.equal([1]);
      expect((await traffic.totals()).sessions).equal(1);
    });

    it('is taken once a minute by the first node, without a change of other counts', async () => {
      const [one, two] = [node(), node()];
      // The table says which minute it is, so the minute may turn meanwhile.
      await sql`INSERT INTO traffic (minute, sessions) SELECT date_trunc('minute', now()) + i * interval '1 minute', 7
        FROM generate_series(0, 1) i`.execute(db());
      await enter();
      one.count('logins');
      await one.flush();
      await two.sample();
      const { rows } = await sql<{ sessions: number; logins: number }>`SELECT min(sessions) AS sessions,
        sum(logins)::float8 AS logins FROM traffic`.execute(db());
      expect(rows).deep.equal([{ sessions: 7, logins: 1 }]);
    });

    it('is missing in a minute without a running node', async () => {
      await sql`INSERT INTO traffic (minute, rotations, sessions) SELECT date_trunc('minute', now()) - i * interval '1 minute',
        1, CASE i WHEN 3 THEN 5 END FROM generate_series(1, 5) i`.execute(db());
      expect(await sampled()).deep.equal([5]);
    });
  });

  it('removes counts after a day', async () => {
    await sql`INSERT INTO traffic (minute) SELECT now() - i * interval '1 hour' FROM unnest(ARRAY[1, 25]) i`.execute(
      db(),
    );
    await node().deleteOld();
    expect(await db().selectFrom('traffic').selectAll().execute()).length(1);
  });
});
