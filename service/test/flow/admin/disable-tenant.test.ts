import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../../test-kit/codes.ts';
import { waitFor } from '../../../../test-kit/wait-for.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { mailFixture, newTicket } from '../account/mail-fixture.ts';
import { actorOf, backendActor } from '../actors.ts';
import { challenge, type Fixture, newKey, openFixture, password, peer, said } from '../fixture.ts';

onEachDatabase('a disabled tenant', (database) => {
  let fixture: Fixture;
  let mailed: ReturnType<typeof mailFixture>;
  const db = () => database().db;

  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
    mailed = mailFixture(fixture, database());
    await fixture.domain.tenants.create(db(), { id: 'shop', name: 'Shop', registrationOpen: true });
  });
  afterEach(async () => {
    await fixture.stop();
    expect(fixture.errors).to.deep.equal([]);
  });

  const setDisabled = (disabled: boolean, id = 'shop', actor = backendActor) =>
    fixture.admin.updateTenant(actor, id, { disabled });
  const register = async (tenant = 'shop', email = 'ann@example.org') => {
    const input = { email, password, tenant, codeChallenge: challenge };
    return ((await fixture.flows.register(input, peer)) as { code: string }).code;
  };
  const login = (given = password) => codeOf(fixture.login('ann@example.org', { tenant: 'shop', password: given }));

  it('has no sessions, and refuses sign-ins with the right password, until it is enabled', async () => {
    const grant = await fixture.redeem(await register(), newKey());
    const others = await fixture.enter();
    const tenant = await setDisabled(true);
    expect(tenant.disabled_at).to.be.a('string');
    expect(await setDisabled(true)).to.deep.equal(tenant);
    expect(fixture.domain.feed.reason(grant.sid)).to.equal('tenant_disabled');
    expect(await said(fixture.present(grant.token, newKey()))).to.equal('session_revoked');
    expect(await login('another password')).to.equal('invalid_credentials');
    expect(await login()).to.equal('tenant_disabled');
    expect(await codeOf(register('shop', 'bob@example.org'))).to.equal('tenant_disabled');
    expect(await said(fixture.present(others.grant.token, newKey()))).to.equal(2);
    expect((await setDisabled(false)).disabled_at).to.equal(null);
    expect(await login()).to.equal('done');
    const { rows } = await fixture.domain.audit.list(db(), { action: 'tenant_changed' });
    expect(rows.map(({ detail }) => detail.disabled)).to.deep.equal([false, true]);
  });

  it('makes codes and links invalid, and sends no mails', async () => {
    const code = await register();
    const ticket = newTicket();
    const forgot = () => fixture.flows.requestPasswordReset({ email: 'ann@example.org', tenant: 'shop', ticket }, peer);
    const answer = await forgot();
    const { data } = await mailed.mail();
    await setDisabled(true);
    expect(await said(fixture.redeem(code, newKey()))).to.equal('code_invalid');
    const reset = fixture.flows.resetPassword({ proof: { secret: data.secret! }, newPassword: `${password}!` }, peer);
    expect(await codeOf(reset)).to.equal('link_invalid');
    expect(await codeOf(fixture.flows.inspectLink({ secret: data.secret! }, peer))).to.equal('link_invalid');
    expect(await forgot()).to.deep.equal(answer);
    expect((await mailed.mails()).map(({ template }) => template)).to.not.include('reset_password');
    const offered = { registration_open: false, email_sign_in: false, mail_available: false };
    expect(await fixture.flows.getSignInOptions({ tenant: 'shop' })).to.include(offered);
  });

  it('sends no mail that was prepared before, until it is enabled', async () => {
    const invitation = { tenantId: 'shop', email: 'bob@example.org', name: null, operator: false, appMetadata: {} };
    await fixture.admin.createInvitation(backendActor, { ...invitation, isMailed: true });
    await setDisabled(true);
    expect(await mailed.mails()).to.deep.equal([]);
    await setDisabled(false);
    expect(await mailed.mail()).to.include({ template: 'invitation', recipient: 'bob@example.org' });
  });

  it('opens no session for codes that are redeemed while it is disabled', async () => {
    const codes: string[] = [];
    for (let index = 0; index < 6; index++) codes.push(await register('shop', `user${index}@example.org`));
    const redeemed = codes.map((code) => said(fixture.redeem(code, newKey())));
    await Promise.all([...redeemed, setDisabled(true)]);
    const { rows } = await fixture.domain.sessions.listDetails(db(), { tenantId: 'shop', limit: 50 });
    expect(rows).to.deep.equal([]);
  });

  describe('while an operator of it redeems a code', () => {
    const newOperator = async (tenant: string, email: string) => {
      const { userId } = await fixture.redeem(await register(tenant, email), newKey());
      await fixture.domain.operators.setOperator(db(), userId, true);
      return userId;
    };

    it('is waited for without a lock on the operator, whom it locks itself', async function () {
      if (database().pool === undefined) return this.skip();
      const userId = await newOperator('shop', 'ann@example.org');
      const { code } = (await fixture.flows.login(
        { email: 'ann@example.org', password, tenant: 'shop', codeChallenge: challenge },
        peer,
      )) as { code: string };
      const redeemed = await db()
        .transaction()
        .execute(async (tx) => {
          await sql`SELECT FROM tenants WHERE id = 'shop' FOR NO KEY UPDATE`.execute(tx);
          const redeeming = said(fixture.redeem(code, newKey()));
          await waitFor(async () => (await sql`SELECT FROM pg_locks WHERE NOT granted`.execute(db())).rows.length > 0);
          await sql`SELECT FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE NOWAIT`.execute(tx);
          return { redeeming };
        });
      expect(await redeemed.redeeming).to.equal(1);
    });

    it('leaves no session of it, in many rounds', async () => {
      await newOperator('shop', 'ann@example.org');
      await newOperator('default', 'bob@example.org');
      for (let round = 0; round < 10; round++) {
        const { code } = (await fixture.flows.login(
          { email: 'ann@example.org', password, tenant: 'shop', codeChallenge: challenge },
          peer,
        )) as { code: string };
        await Promise.all([said(fixture.redeem(code, newKey())), setDisabled(true)]);
        const { rows } = await fixture.domain.sessions.listDetails(db(), { tenantId: 'shop', limit: 50 });
        expect(rows).to.deep.equal([]);
        await setDisabled(false);
      }
    });
  });

  describe('can be the tenant of no last operator', () => {
    const operatorOf = async (tenant: string, email: string) => {
      const { userId } = await fixture.redeem(await register(tenant, email), newKey());
      await fixture.domain.operators.setOperator(db(), userId, true);
      return actorOf({ userId });
    };

    it('nor that of the operator who asks, nor one of a backend of one tenant', async () => {
      const own = await operatorOf('shop', 'ann@example.org');
      expect(await codeOf(setDisabled(true))).to.equal('forbidden');
      const other = await operatorOf('default', 'bob@example.org');
      expect(await codeOf(setDisabled(true, 'shop', own))).to.equal('forbidden');
      const backend = actorOf({ backendId: 'b', tenantId: 'shop', scopes: ['admin'] });
      expect(await codeOf(setDisabled(true, 'shop', backend))).to.equal('forbidden');
      expect(await codeOf(setDisabled(true, 'shop', other))).to.equal('done');
      expect(await codeOf(setDisabled(true, 'default'))).to.equal('forbidden');
    });

    it('of two that are disabled at once, one stays', async () => {
      await operatorOf('shop', 'ann@example.org');
      await operatorOf('default', 'bob@example.org');
      const outcomes = await Promise.all([codeOf(setDisabled(true, 'shop')), codeOf(setDisabled(true, 'default'))]);
      expect(outcomes.sort()).to.deep.equal(['done', 'forbidden']);
    });
  });

  describe('can be deleted', () => {
    const remove = (id: string, actor = backendActor) => codeOf(fixture.admin.deleteTenant(actor, id));

    it('without users and backends only, and never the tenant default', async () => {
      expect(await remove('none')).to.equal('tenant_unknown');
      expect(await remove('default')).to.equal('forbidden');
      expect(await remove('shop')).to.equal('forbidden');
      await setDisabled(true);
      expect(await remove('shop', actorOf({ backendId: 'b', tenantId: 'shop', scopes: ['admin'] }))).to.equal(
        'forbidden',
      );
      await fixture.domain.backends.create(db(), { id: 'app', name: 'App', tenantId: 'shop' });
      expect(await remove('shop')).to.equal('forbidden');
      await fixture.domain.backends.remove(db(), 'app');
      expect(await remove('shop')).to.equal('done');
      expect(await codeOf(fixture.admin.findTenant(backendActor, 'shop'))).to.equal('tenant_unknown');
      const { rows } = await fixture.domain.audit.list(db(), { action: 'tenant_deleted' });
      expect(rows[0]).to.include({ tenantId: 'shop' });
    });

    it('not with a user in it, but with what is left of deleted users', async () => {
      const { accessToken } = await fixture.redeem(await register(), newKey());
      const { flows } = fixture;
      const caller = await flows.authenticate(accessToken);
      const second = await fixture.redeem(await register('shop', 'bob@example.org'), newKey());
      await flows.deleteAccount(caller, peer);
      await setDisabled(true);
      expect(await remove('shop')).to.equal('forbidden');
      await setDisabled(false);
      const other = await fixture.redeem(await fixture.login('bob@example.org', { tenant: 'shop' }), newKey());
      expect(other.userId).to.equal(second.userId);
      await flows.deleteAccount(await flows.authenticate(other.accessToken), peer);
      await setDisabled(true);
      expect(await remove('shop')).to.equal('done');
    });
  });
});
