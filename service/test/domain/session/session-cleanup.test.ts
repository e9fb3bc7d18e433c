import { expect } from 'chai';
import { sql } from 'kysely';
import { deleteEnded, markExpired } from '../../../src/domain/session/session-cleanup.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { copySession, insertSession } from '../../session-rows.ts';

onEachDatabase('deletion of sessions', (database) => {
  const db = () => database().db;
  let first: string;

  beforeEach(async () => {
    await emptyTables(database());
    first = await insertSession(database(), Buffer.alloc(16, 1));
  });

  const copy = (rows: number, change: Record<string, unknown>) => copySession(database(), first, { rows, change });
  const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
  const reasons = async () => {
    const { rows } = await sql<{ reason: string | null; n: number; hours: number }>`
      SELECT revoke_reason AS reason, count(*)::int AS n, round(extract(epoch FROM now() - max(revoked_at)) / 3600)::int AS hours
      FROM sessions GROUP BY 1 ORDER BY 1`.execute(db());
    return rows.map(({ reason, n, hours }) => [reason, n, hours]);
  };
  const listed = async () => (await sql`SELECT FROM blacklist`.execute(db())).rows.length;

  it('marks expired sessions as ended by the limit that came first, without revocations', async () => {
    await copy(2_100, { expires_at: ago(3) });
    await copy(1, { expires_at: ago(5), idle_seconds: 1, idle_expires_at: ago(6) });
    await copy(1, { idle_seconds: 1, idle_expires_at: ago(7) });
    await copy(1, { expires_at: ago(8), idle_seconds: 1, idle_expires_at: ago(7) });
    expect(await markExpired(db(), 377)).to.equal(2_103);
    expect(await reasons()).to.deep.equal([
      ['expired', 2_101, 3],
      ['idle_timeout', 2, 6],
      [null, 1, null],
    ]);
    expect(await listed()).to.equal(0);
    expect(await markExpired(db(), 377)).to.equal(0);
  });

  it('keeps a session whose access tokens may still be accepted', async () => {
    await copy(1, { expires_at: new Date(Date.now() - 60_000).toISOString() });
    expect(await markExpired(db(), 377)).to.equal(0);
    expect(await markExpired(db(), 30)).to.equal(1);
  });

  it('deletes a session a day after its end, whatever its expiry, page by page', async () => {
    await copy(1_100, { revoked_at: ago(25), revoke_reason: 'logout' });
    await copy(1, { revoked_at: ago(23), revoke_reason: 'logout', expires_at: ago(48) });
    expect(await deleteEnded(db())).to.equal(1_100);
    expect(await reasons()).to.deep.equal([
      ['logout', 1, 23],
      [null, 1, null],
    ]);
  });

  it('skips rows that another transaction has locked, and deletes the others', async function () {
    // One connection has no two transactions at once.
    if (database().kind === 'embedded') this.skip();
    await copy(600, { revoked_at: ago(25), revoke_reason: 'logout' });
    await db()
      .transaction()
      .execute(async (tx) => {
        await sql`SELECT sid FROM sessions WHERE revoked_at IS NOT NULL ORDER BY revoked_at, sid LIMIT 1 FOR UPDATE`.execute(
          tx,
        );
        expect(await deleteEnded(db())).to.equal(599);
      });
    expect(await deleteEnded(db())).to.equal(1);
  });
});
