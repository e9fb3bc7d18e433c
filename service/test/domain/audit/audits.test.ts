import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
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
});
