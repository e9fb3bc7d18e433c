import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { appendRevocations } from '../../../src/domain/revocation/revocation.ts';
import { readFeedPage } from '../../../src/domain/revocation/revocation-store.ts';
import { endAll, writeBackEnds } from '../../../src/domain/session/session-recovery-store.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { insertSession } from '../../session-rows.ts';

const options = { appendRevocations, retentionSeconds: 400 };
const isStopping = () => false;

onEachDatabase('revocations after a failover', (database) => {
  const db = () => database().db;
  beforeEach(() => emptyTables(database()));

  const entries = async () => (await readFeedPage(db(), 0)).entries.map(({ seq, sid, reason }) => [seq, sid, reason]);
  const lost = (sid: string) => ({ sid, reason: 'logout' as const });

  it('are written once for a row that is live, ended, on the list or deleted', async () => {
    const [living, ended, listed] = await Promise.all(
      [1, 2, 3].map(() => insertSession(database(), Buffer.alloc(16, 7))),
    );
    await sql`UPDATE sessions SET revoked_at = now(), revoke_reason = 'idle_timeout' WHERE sid = ${ended!}::uuid`.execute(
      db(),
    );
    await writeBackEnds(db(), [{ sid: listed!, reason: 'ended_by_operator' }], options);
    const deleted = randomUUID();
    const ends = [living!, ended!, listed!, deleted].map(lost);
    expect(await writeBackEnds(db(), ends, options)).to.equal(3);
    expect(await writeBackEnds(db(), ends, options)).to.equal(0);
    const written = await entries();
    expect(written.map(([seq]) => seq)).to.deep.equal([1, 2, 3, 4]);
    expect(written[0]).to.deep.equal([1, listed, 'ended_by_operator']);
    expect(new Set(written.map(([, sid]) => sid))).to.deep.equal(new Set([listed, living, ended, deleted]));
    const rows = await db().selectFrom('sessions').select(['sid', 'revoke_reason']).execute();
    expect(Object.fromEntries(rows.map(({ sid, revoke_reason: reason }) => [sid, reason]))).to.deep.equal({
      ...{ [living!]: 'logout', [ended!]: 'idle_timeout', [listed!]: 'ended_by_operator' },
    });
  });

  it('of live sessions are written once by concurrent nodes', async () => {
    const sids = await Promise.all(Array.from({ length: 20 }, () => insertSession(database(), Buffer.alloc(16, 7))));
    const ends = sids.map(lost);
    const written = await Promise.all([1, 2, 3, 4].map(() => writeBackEnds(db(), ends, options)));
    expect(written.reduce((sum, count) => sum + count)).to.equal(20);
    expect(await entries()).to.have.length(20);
  });

  it('reach every live session in chunks, also after chunks without one', async () => {
    await insertSession(database(), Buffer.alloc(16, 7));
    await sql`INSERT INTO sessions (sid, uid, tenant_id, gen, tag, touched_at, expires_at, auth_time, amr, created_at,
        last_active_at, revoked_at, revoke_reason)
      SELECT (lpad(to_hex(n), 8, '0') || '-0000-4000-8000-000000000000')::uuid, s.uid, s.tenant_id, 1, s.tag, now(),
        now() + CASE WHEN n % 2 = 0 THEN interval '1 day' ELSE interval '-1 s' END, 0, '{pwd}', now(), now(),
        CASE WHEN n < 1500 THEN now() END, CASE WHEN n < 1500 THEN 'idle_timeout' END
      FROM sessions s, generate_series(1, 2500) n`.execute(db());
    expect(await endAll(db(), options, isStopping)).to.equal(501 + 1);
    expect(await endAll(db(), options, isStopping)).to.equal(0);
    const { rows } = await sql<{ reason: string; n: number }>`SELECT reason, count(*)::int AS n
      FROM blacklist GROUP BY reason`.execute(db());
    expect(rows).to.deep.equal([{ reason: 'generation_unknown', n: 502 }]);
  });

  it('stop between two chunks when the node stops', async () => {
    await insertSession(database(), Buffer.alloc(16, 7));
    expect(await endAll(db(), options, () => true)).to.equal(0);
  });
});
