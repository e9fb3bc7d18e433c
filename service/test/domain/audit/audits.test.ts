import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { withTransaction } from '../../../src/db/transaction.ts';
import { createAudit } from '../../../src/domain/audit/audits.ts';
import { onEachDatabase } from '../../databases.ts';

onEachDatabase('createAudit', (database) => {
  const db = () => database().db;
  const audit = createAudit();

  it('inserts every field', async () => {
    const [userId, sid] = [randomUUID(), randomUUID()];
    const entry = {
      tenantId: 'default',
      userId,
      sid,
      addressPrefix: '192.0.2.0/24',
      detail: { ended: 2, why: 'a "b"' },
    };
    await audit.record(db(), { action: 'login', ...entry });
    const { rows, cursor } = await audit.list(db(), { userId });
    expect(cursor).to.equal(null);
    expect(rows).to.have.length(1);
    expect(rows[0]).to.deep.include({ action: 'login', ...entry });
    expect(rows[0]!.at).to.be.instanceOf(Date);
    expect(rows[0]!.id).to.be.a('number');
  });

  it('requires an action only', async () => {
    await audit.record(db(), { action: 'keys_rotated' });
    const { rows } = await audit.list(db(), { action: 'keys_rotated' });
    expect(rows[0]).to.deep.include({ tenantId: null, userId: null, sid: null, addressPrefix: null, detail: {} });
  });

  it('is rolled back with its transaction', async () => {
    const userId = randomUUID();
    await withTransaction(db(), async ({ tx }) => {
      await audit.record(tx, { action: 'password_changed', userId });
      throw new Error('no');
    }).catch(() => {});
    expect((await audit.list(db(), { userId })).rows).to.deep.equal([]);
  });

  it('lists the newest first, page by page, each row once, while rows are added', async () => {
    const userId = randomUUID();
    for (let i = 0; i < 5; i++) await audit.record(db(), { action: 'login', userId, detail: { i } });
    const seen: unknown[] = [];
    for (let before: number | undefined; ; ) {
      const page = await audit.list(db(), { userId, limit: 2, before });
      seen.push(...page.rows.map(({ detail }) => detail.i));
      await audit.record(db(), { action: 'login', userId, detail: { i: 'late' } });
      if (page.cursor === null) break;
      before = page.cursor;
    }
    expect(seen).to.deep.equal([4, 3, 2, 1, 0]);
  });

  it('filters by tenant and by user', async () => {
    const [one, two, tenantId] = [randomUUID(), randomUUID(), `t-${randomUUID()}`];
    for (const userId of [one, two]) await audit.record(db(), { action: 'login', userId });
    await audit.record(db(), { action: 'logout', tenantId, userId: two });
    expect((await audit.list(db(), { userId: one })).rows.map(({ userId }) => userId)).to.deep.equal([one]);
    expect((await audit.list(db(), { tenantId })).rows.map(({ action }) => action)).to.deep.equal(['logout']);
  });

  it('limits a page to between 1 and 200 rows', async () => {
    expect((await audit.list(db(), { limit: -5 })).rows.length).to.equal(1);
    expect((await audit.list(db(), { limit: 1e9 })).rows.length).to.be.at.most(200);
  });

  describe('prune', () => {
    const dayMs = 86_400_000;
    const now = Date.now();
    const prune = (days: number) => audit.prune(db(), { until: new Date(now - days * dayMs), by: 'test', now });
    const insertOld = (rows: number, days: number) =>
      sql`INSERT INTO audit (action, at) SELECT 'tenant_deleted', now() - make_interval(days => ${days}::int)
        FROM generate_series(1, ${rows}::int)`.execute(db());
    const count = async (action: string) => {
      const rows = await db()
        .selectFrom('audit')
        .select('detail')
        .where('action', '=', action as never)
        .execute();
      return rows.map(({ detail }) => detail);
    };

    it('deletes all entries from before a time in batches, each with its own entry, and keeps the others', async () => {
      await insertOld(12_000, 40);
      await insertOld(3, 20);
      expect(await prune(30)).to.equal(12_000);
      expect(await count('tenant_deleted')).to.have.length(3);
      const until = new Date(now - 30 * dayMs).toISOString();
      const entry = (rows: number) => ({ by: 'test', until, rows });
      expect(await count('audit_pruned')).to.deep.equal([entry(5_000), entry(5_000), entry(2_000)]);
      expect(await prune(30)).to.equal(0);
      expect(await count('audit_pruned')).to.have.length(3);
    });

    it('counts each entry once when two nodes prune at the same time', async () => {
      await prune(8);
      await insertOld(7_000, 40);
      const done = await Promise.all([prune(30), prune(30)]);
      expect(done[0]! + done[1]!).to.equal(7_000);
    });

    it('keeps entries of the last seven days, also when the database is asked directly', async () => {
      await insertOld(1, 6);
      const error = await prune(6).catch((caught) => caught);
      expect(error).to.include({ code: 'invalid_request', message: 'Entries of the last seven days are kept.' });
      const direct = await sql`SELECT prune_audit(now(), 10)`.execute(db()).catch((caught) => caught);
      expect(direct.message).to.contain('last seven days');
    });

    it('leaves the audit append only for the rest of the transaction', async () => {
      await insertOld(1, 40);
      const error = await db()
        .transaction()
        .execute(async (tx) => {
          await sql`SELECT prune_audit(now() - interval '30 days', 10)`.execute(tx);
          await sql`DELETE FROM audit`.execute(tx);
        })
        .catch((caught) => caught);
      expect(error.message).to.contain('append only');
    });
  });
});
