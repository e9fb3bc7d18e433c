import { expect } from 'chai';
import { createJobTable } from '../../src/bootstrap/job-table.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { type Fixture, openFixture } from '../flow/fixture.ts';

onEachDatabase('createJobTable', (database) => {
  let fixture: Fixture;
  const db = () => database().db;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
  });
  afterEach(() => fixture.stop());

  it('runs each job more than once', async () => {
    for (const { run } of [1, 2].flatMap(() => createJobTable(fixture.domain, database(), fixture.config))) await run();
  });

  it('rotates signing keys after the days of the setting, with a row in the audit, and never with 0', async () => {
    const before = fixture.domain.keys.current().kid;
    await db()
      .updateTable('signing_keys')
      .set({ created_at: new Date(0) })
      .execute();
    const rotation = (keyRotationInDays: number) =>
      createJobTable(fixture.domain, database(), { ...fixture.config, keyRotationInDays }).find(
        ({ name }) => name === 'rotate signing keys',
      )!;
    await rotation(0).run();
    expect(fixture.domain.keys.current().kid).to.equal(before);
    await rotation(90).run();
    const { kid } = fixture.domain.keys.current();
    expect(kid).to.not.equal(before);
    const rows = await db().selectFrom('audit').select('detail').where('action', '=', 'keys_rotated').execute();
    expect(rows).to.deep.equal([{ detail: { by: 'schedule', kid } }]);
  });

  it('deletes entries of the audit after the days of the setting, and keeps them without it', async () => {
    const oldest = new Date(Date.now() - 31 * 86_400_000);
    await db().insertInto('audit').values({ action: 'login_failed', at: oldest }).execute();
    const prune = (auditRetentionInDays: number | undefined) =>
      createJobTable(fixture.domain, database(), { ...fixture.config, auditRetentionInDays })
        .find(({ name }) => name === 'prune the audit')!
        .run();
    const count = async () => (await fixture.domain.audit.list(db(), { action: 'login_failed' })).rows.length;
    for (const days of [undefined, 32]) {
      await prune(days);
      expect(await count()).to.equal(1);
    }
    await prune(30);
    expect(await count()).to.equal(0);
  });

  it('counts live sessions often enough for each minute', async () => {
    await fixture.enter();
    const counting = createJobTable(fixture.domain, database(), fixture.config).find(
      ({ name }) => name === 'count live sessions',
    );
    expect(counting!.everyMs).at.most(30_000);
    await counting!.run();
    expect(await db().selectFrom('traffic').select('sessions').where('sessions', 'is not', null).execute()).deep.equal([
      { sessions: 1 },
    ]);
  });
});
