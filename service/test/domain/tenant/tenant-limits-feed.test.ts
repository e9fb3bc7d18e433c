import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { sql } from 'kysely';
import { waitFor } from '../../../../test-kit/wait-for.ts';
import { createTenantLimitsFeed, type TenantLimitsFeed } from '../../../src/domain/tenant/tenant-limits-feed.ts';
import { createTenants } from '../../../src/domain/tenant/tenants.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';

onEachDatabase('createTenantLimitsFeed', (database) => {
  const db = () => database().db;
  const tenants = createTenants();
  const clock = createSystemClock();
  let errors: unknown[];
  let open: TenantLimitsFeed[];

  beforeEach(async () => {
    await emptyTables(database());
    for (const id of ['acme', 'beta']) await tenants.create(db(), { id, name: id });
    [errors, open] = [[], []];
  });
  afterEach(async () => {
    for (const changes of open) await changes.stop();
  });

  async function node() {
    const changes = createTenantLimitsFeed({ db: db(), clock, onError: (error) => void errors.push(error) });
    open.push(changes);
    const heard: string[] = [];
    changes.onChange(({ id, maxActiveMinutes }) => heard.push(`${id} ${maxActiveMinutes}`));
    await changes.start();
    return { ...changes, heard };
  }

  const change = (id: string, maxActiveMinutes: number) =>
    db()
      .transaction()
      .execute(async (tx) => {
        await tenants.update(tx, id, { maxActiveMinutes });
        await tenants.recordLimitsChange(tx, id);
      });

  it('notifies every node of a change, once, and of nothing from before its start', async () => {
    await change('beta', 9);
    const nodes = [await node(), await node()];
    await change('acme', 60);
    await waitFor(() => nodes.every(({ heard }) => heard.length > 0));
    for (const { heard, catchUp, seq } of nodes) {
      const before = seq();
      await catchUp();
      expect([heard, seq() - before]).to.deep.equal([['acme 60'], 0]);
    }
  });

  it('sends the newest of several changes, in their order', async () => {
    const { heard, catchUp } = await node();
    await change('acme', 60);
    await change('beta', 30);
    await change('acme', 20);
    await catchUp();
    expect(heard).to.deep.equal(['beta 30', 'acme 20']);
  });

  it('sends nothing of a change that was rolled back', async () => {
    const { heard, catchUp } = await node();
    const work = db()
      .transaction()
      .execute(async (tx) => {
        await tenants.recordLimitsChange(tx, 'acme');
        throw new Error('after all not');
      });
    await work.catch(() => undefined);
    await catchUp();
    expect(heard).to.deep.equal([]);
  });

  it('sends all limits when numbers restarted', async () => {
    const { heard, catchUp } = await node();
    await change('acme', 60);
    await catchUp();
    await sql`UPDATE tenants SET limits_seq = 0`.execute(db());
    await sql`UPDATE tenant_head SET seq = 0`.execute(db());
    await change('beta', 7);
    await sql`UPDATE tenant_head SET seq = 1`.execute(db());
    heard.length = 0;
    await catchUp();
    expect(heard).to.deep.equal(['beta 7']);
  });

  it('isolates listeners, logs a failure once, and continues', async () => {
    const { heard, catchUp, onChange } = await node();
    const remove = onChange(() => {
      throw new Error('thrown');
    });
    onChange(({ id }) => heard.push(`second ${id}`));
    await sql`ALTER TABLE tenant_head RENAME TO away`.execute(db());
    await catchUp();
    await catchUp();
    await sql`ALTER TABLE away RENAME TO tenant_head`.execute(db());
    expect(errors.length).to.equal(1);
    await change('acme', 60);
    await catchUp();
    remove();
    await change('acme', 50);
    await catchUp();
    expect(heard).to.deep.equal(['acme 60', 'second acme', 'acme 50', 'second acme']);
    expect(errors.slice(1).map(String)).to.deep.equal(['Error: thrown']);
  });
});
