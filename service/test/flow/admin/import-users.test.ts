import { expect } from 'chai';
import { codeOf } from '../../../../test-kit/codes.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { actorOf, backendActor } from '../actors.ts';
import { type Fixture, newKey, openFixture } from '../fixture.ts';

onEachDatabase('importUsers of operators', (database) => {
  let fixture: Fixture;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
    await database().db.insertInto('tenants').values({ id: 'bank', name: 'Bank' }).execute();
  });
  afterEach(() => fixture.stop());

  const bcrypt = '$2b$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK';
  const input = { rows: [{ email: 'ann@x.org', password_hash: bcrypt }, 5], dryRun: false, allowWeakHashes: false };
  const newest = async () => (await fixture.domain.audit.list(database().db)).rows[0];

  it('stores users who sign in, counts the rows, and writes who imported them', async () => {
    const operator = actorOf({ userId: '3f0c7a9e-5d0b-4c53-9a37-8c1f4b1f6a2d', addressPrefix: '192.0.2.0/24' });
    const { outcomes, ...counts } = await fixture.admin.importUsers(operator, input);
    expect(counts).to.deep.equal({ created: 1, exists: 0, invalid: 1 });
    expect(outcomes.map(({ outcome }) => outcome)).to.deep.equal(['created', 'invalid']);
    const detail = { operator: operator.userId, created: 1, exists: 0, invalid: 1 };
    expect(await newest()).to.deep.include({
      ...{ action: 'users_imported', tenantId: 'default', userId: null, addressPrefix: '192.0.2.0/24', detail },
    });
    const grant = await fixture.redeem(await fixture.login('ann@x.org', { password: 'U*U*' }), newKey());
    expect(grant).to.include({ generation: 1 });
    expect(await codeOf(fixture.login('ann@x.org', { password: 'U*U' }))).to.equal('invalid_credentials');
  });

  it('stores them in the tenant of a backend that has one, and in no other', async () => {
    const { admin, domain } = fixture;
    const bank = actorOf({ backendId: 'b', tenantId: 'bank' });
    await admin.importUsers(bank, input);
    expect(await domain.users.findByEmail(database().db, 'bank', 'ann@x.org')).to.include({ tenantId: 'bank' });
    expect(await codeOf(admin.importUsers(bank, { ...input, tenantId: 'default' }))).to.equal('tenant_unknown');
    expect(await codeOf(admin.importUsers(backendActor, { ...input, tenantId: 'nowhere' }))).to.equal('tenant_unknown');
  });
});
