import { expect } from 'chai';
import { sql } from 'kysely';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { backendActor } from './actors.ts';
import { type Fixture, openFixture } from './fixture.ts';

onEachDatabase('a change of a tenant', (database) => {
  let fixture: Fixture;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
  });
  afterEach(() => fixture.stop());

  const lifeOf = async (sid: string) => {
    const { rows } = await sql<{
      minutes: number;
    }>`SELECT round(extract(epoch FROM expires_at - created_at) / 60)::int AS minutes
      FROM sessions WHERE sid = ${sid}::uuid`.execute(database().db);
    return rows[0]!.minutes;
  };

  const announced = async () =>
    (await sql<{ seq: number }>`SELECT seq FROM tenant_head`.execute(database().db)).rows[0]!.seq;

  it('reads no session and publishes nothing without limits, and applies unchanged limits again', async () => {
    const { grant } = await fixture.enter();
    const before = await lifeOf(grant.sid);
    // As a node leaves it that stops between the change and the walk.
    await sql`UPDATE tenants SET max_active_minutes = 10 WHERE id = 'default'`.execute(database().db);
    const seq = await announced();
    const renamed = await fixture.admin.updateTenant(backendActor, 'default', { name: 'Renamed' });
    expect(renamed).to.include({ name: 'Renamed', active_minutes: 10 });
    expect(await lifeOf(grant.sid)).to.equal(before);
    expect(await announced()).to.equal(seq);
    await fixture.admin.updateTenant(backendActor, 'default', { maxActiveMinutes: 10 });
    expect(await lifeOf(grant.sid)).to.equal(10);
    expect(await announced()).to.equal(seq + 1);
  });
});
