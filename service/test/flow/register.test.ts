import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../test-kit/codes.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { challenge, type Fixture, newKey, openFixture, password, peer } from './fixture.ts';

onEachDatabase('register', (database) => {
  let fixture: Fixture;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
  });
  afterEach(() => fixture.stop());

  it('creates a user and signs them in, and refuses the address in every spelling afterwards', async () => {
    const { email, grant } = await fixture.enter();
    const { rows } = await fixture.domain.audit.list(database().db, { userId: grant.userId });
    expect(rows.map(({ action }) => action)).to.deep.equal(['login', 'register']);
    expect(await codeOf(fixture.register(email.toUpperCase()))).to.equal('identifier_taken');
  });

  it('creates one account for many concurrent requests', async () => {
    const tries = await Promise.all(Array.from({ length: 6 }, () => codeOf(fixture.register('ann@example.org'))));
    expect(tries.toSorted()).to.deep.equal(['done', ...Array(5).fill('identifier_taken')]);
  });

  it('succeeds when the audit cannot be written, and logs the error', async () => {
    const { db } = database();
    await sql`ALTER TABLE audit ADD CONSTRAINT no_register CHECK (action <> 'register') NOT VALID`.execute(db);
    try {
      const { code } = await fixture.register();
      expect(fixture.errors.splice(0)).to.have.length(1);
      expect((await fixture.redeem(code, newKey())).generation).to.equal(1);
    } finally {
      await sql`ALTER TABLE audit DROP CONSTRAINT no_register`.execute(db);
    }
  });

  it('refuses a password that is made of the name of the tenant, at sign-up and at a change', async () => {
    const { flows, domain } = fixture;
    await domain.tenants.create(database().db, { id: 'acme', name: 'Brightwater', registrationOpen: true });
    const input = { email: 'ann@example.org', tenant: 'acme', codeChallenge: challenge };
    const made = { ...input, password: 'Br1ghtwater24' };
    const refused = await flows.register(made, peer).catch((error) => error);
    expect(refused).to.include({ code: 'weak_password' });
    expect(refused.message).to.contain('your organization');
    const { code } = (await flows.register({ ...input, password }, peer)) as { code: string };
    const caller = await flows.authenticate((await fixture.redeem(code, newKey())).accessToken);
    const change = flows.changePassword(caller, { current: password, next: 'brightwater!1' }, peer);
    expect(await codeOf(change)).to.equal('weak_password');
    const named = flows.changePassword(caller, { current: password, next: 'latchkey!1' }, peer);
    expect(await codeOf(named)).to.equal('weak_password');
  });

  it('is refused by a tenant with closed registration, and for an unknown tenant', async () => {
    const { flows, domain } = fixture;
    await domain.tenants.create(database().db, { id: 'closed', name: 'Closed' });
    const input = { email: 'ann@example.org', password, codeChallenge: 'c'.repeat(43) };
    expect(await codeOf(flows.register({ ...input, tenant: 'closed' }, peer))).to.equal('registration_closed');
    expect(await codeOf(flows.register({ ...input, tenant: 'nobody' }, peer))).to.equal('tenant_unknown');
    const { rows } = await sql`SELECT FROM users`.execute(database().db);
    expect(rows).to.have.length(0);
  });

  it('is refused when users are in another system', async () => {
    const other = await openFixture(database(), { hooks: { findUserByCredentials: () => null } });
    expect(await codeOf(other.register())).to.equal('registration_closed');
    await other.stop();
  });

  it('refuses accounts above the limit of an address, and does not count weak passwords', async () => {
    const strict = await openFixture(database(), { env: { LATCHKEY_REGISTRATIONS_PER_ADDRESS: '2' } });
    const input = { email: 'ann@example.org', password: 'short', codeChallenge: 'c'.repeat(43) };
    for (let i = 0; i < 3; i++) expect(await codeOf(strict.flows.register(input, peer))).to.equal('weak_password');
    await strict.register('ann@example.org');
    expect(await codeOf(strict.register('ann@example.org'))).to.equal('identifier_taken');
    expect(await codeOf(strict.register())).to.equal('rate_limited');
    const elsewhere = { ...peer, address: '198.51.100.1' };
    expect(await codeOf(strict.flows.register({ ...input, email: 'bob@example.org', password }, elsewhere))).to.equal(
      'done',
    );
    await strict.stop();
  });

  it('refuses a weak password', async () => {
    const input = { email: 'ann@example.org', password: 'short', codeChallenge: 'c'.repeat(43) };
    expect(await codeOf(fixture.flows.register(input, peer))).to.equal('weak_password');
  });
});
