import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../../test-kit/codes.ts';
import type { UserUpdate } from '../../../src/flow/admin/update-user.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { mailFixture } from '../account/mail-fixture.ts';
import { actorOf, backendActor } from '../actors.ts';
import { type Fixture, newKey, openFixture, password, peer, said } from '../fixture.ts';

const backendOf = (tenantId: string | null) => actorOf({ backendId: 'b', tenantId, scopes: ['admin'] });

onEachDatabase('what administrators write of users', (database) => {
  let fixture: Fixture;
  let mailed: ReturnType<typeof mailFixture>;
  let isHookDown = false;
  const db = () => database().db;

  beforeEach(async () => {
    await emptyTables(database());
    isHookDown = false;
    const claim = ({ appMetadata }: { appMetadata: Readonly<Record<string, unknown>> }) => {
      if (isHookDown) throw new Error('the hook is down');
      return { role: appMetadata.role ?? 'none' };
    };
    fixture = await openFixture(database(), { hooks: { claim } });
    mailed = mailFixture(fixture, database());
  });
  afterEach(async () => {
    await fixture.stop();
    expect(fixture.errors).to.deep.equal([]);
  });

  const email = 'ann@example.org';
  const create = (fields: object = {}, given?: string, actor = backendActor) =>
    fixture.admin.createUser(actor, { tenantId: 'default', password: given, fields: { email, ...fields } });
  const update = (id: string, change: UserUpdate, actor = backendActor) => fixture.admin.updateUser(actor, id, change);
  const audited = async (userId: string) => {
    const { rows } = await fixture.domain.audit.list(db(), { userId });
    return rows.map(({ action }) => action).toReversed();
  };
  const newOperator = async () => {
    const { userId } = (await fixture.enter()).grant;
    await fixture.domain.operators.setOperator(db(), userId, true);
    return userId;
  };

  describe('createUser', () => {
    it('creates a user who signs in with the password', async () => {
      const fields = { name: 'Ann', locale: 'de-ch', user_metadata: { a: 1 }, app_metadata: { role: 'x' } };
      const user = await create({ ...fields, email: ' Ann@EXAMPLE.org', email_verified: true }, password);
      expect(user).to.deep.include({ ...fields, email: 'Ann@example.org', locale: 'de-CH', picture: null });
      expect(user).to.include({ email_verified: true, password_change_required: false, operator: false });
      const grant = await fixture.redeem(await fixture.login(email), newKey());
      expect(grant.claims).to.deep.include({ role: 'x' });
      expect(await audited(user.id)).to.deep.equal(['user_created', 'login']);
    });

    it('creates a user without a password, who sets one by a mail', async () => {
      const { id } = await create();
      expect(await codeOf(fixture.login(email))).to.equal('invalid_credentials');
      expect(await fixture.admin.mailPasswordReset(backendActor, id)).to.deep.equal({ expires_in: 1_800 });
      const { data, template, recipient } = await mailed.mail();
      expect({ template, recipient }).to.deep.equal({ template: 'reset_password', recipient: email });
      await fixture.flows.resetPassword({ proof: { secret: data.secret! }, newPassword: password }, peer);
      expect(await codeOf(fixture.login(email))).to.equal('done');
      expect(await audited(id)).to.include.members(['user_created', 'password_reset_mailed', 'password_reset']);
    });

    it('refuses a taken address, a weak password, another tenant and fields that are not valid', async () => {
      await create();
      expect(await codeOf(create({ email: 'ANN@example.org' }))).to.equal('identifier_taken');
      expect(await codeOf(create({ email: 'bob@example.org' }, 'short'))).to.equal('weak_password');
      expect(await codeOf(create({ email: 'not an address' }))).to.equal('invalid_request');
      expect(await codeOf(create({ email: 'bob@example.org', locale: '!' }))).to.equal('invalid_request');
      expect(await codeOf(create({ email: 'bob@example.org' }, undefined, backendOf('shop')))).to.equal(
        'tenant_unknown',
      );
      expect((await fixture.admin.listUsers(backendActor, { limit: 50 })).users).to.have.length(1);
    });
  });

  describe('updateUser', () => {
    it('writes fields and erases them, and names the fields alone in the audit', async () => {
      const { id } = await create();
      const change = { name: 'Ann', picture: 'https://a.test/p.png', locale: 'fr', emailVerified: true };
      const user = await update(id, { ...change, userMetadata: { a: 1 }, passwordChangeRequired: true });
      expect(user).to.deep.include({
        name: 'Ann',
        picture: 'https://a.test/p.png',
        locale: 'fr',
        user_metadata: { a: 1 },
      });
      expect(user).to.include({ email_verified: true, password_change_required: true });
      const erased = await update(id, { name: null, picture: null, locale: null, emailVerified: false });
      expect(erased).to.include({ name: null, picture: null, locale: null, email_verified: false });
      const { rows } = await fixture.domain.audit.list(db(), { userId: id, action: 'user_changed' });
      expect(rows.map(({ detail }) => detail.fields)).to.deep.equal([
        'name picture locale email_verified',
        'name picture locale user_metadata email_verified password_change_required',
      ]);
      expect(JSON.stringify(rows)).to.not.include('a.test');
    });

    it('gives live sessions the claims of changed app_metadata', async () => {
      const { grant, key } = await fixture.enter();
      await update(grant.userId, { appMetadata: { role: 'manager' } });
      const next = await fixture.present(grant.token, newKey(), [key]);
      expect(next.claims).to.deep.include({ role: 'manager' });
    });

    it('refuses changed app_metadata that live sessions cannot get, and gives it when it is set again', async () => {
      const { grant, key } = await fixture.enter();
      const change = () => codeOf(update(grant.userId, { appMetadata: { role: 'manager' } }));
      isHookDown = true;
      expect(await change()).to.equal('internal_error');
      isHookDown = false;
      expect(await change()).to.equal('done');
      const next = await fixture.present(grant.token, newKey(), [key]);
      expect(next.claims).to.deep.include({ role: 'manager' });
    });

    it('sets another address: sessions, codes and links end, and the old address gets a notice', async () => {
      const { email: old, grant } = await mailed.enterVerified();
      const code = await fixture.login(old);
      await mailed.forgot(old);
      const { data } = await mailed.mail();
      const user = await update(grant.userId, { email: 'new@example.org' });
      expect(user).to.include({ email: 'new@example.org', email_verified: false });
      expect(fixture.domain.feed.reason(grant.sid)).to.equal('email_changed');
      expect(await said(fixture.redeem(code, newKey()))).to.equal('code_invalid');
      const reset = fixture.flows.resetPassword({ proof: { secret: data.secret! }, newPassword: `${password}!` }, peer);
      expect(await codeOf(reset)).to.equal('link_invalid');
      expect(await mailed.mail()).to.deep.include({ template: 'email_replaced', recipient: old, data: {} });
      expect(await codeOf(fixture.login(old))).to.equal('invalid_credentials');
      expect(await codeOf(fixture.login('new@example.org'))).to.equal('done');
      expect(await audited(grant.userId)).to.include.members(['email_changed', 'user_changed']);
    });

    it('ends the link that undoes an earlier change of the address', async () => {
      const { email: old, grant } = await mailed.enterVerified();
      const caller = await mailed.caller(grant.accessToken);
      await fixture.flows.requestEmailChange(caller, { email: 'second@example.org', currentPassword: password }, peer);
      const { data } = await mailed.mail();
      await fixture.flows.verifyEmailChange(caller, { code: data.code! }, peer);
      const undo = await mailed.mail();
      expect(undo).to.include({ template: 'email_changed', recipient: old });
      await update(grant.userId, { email: 'third@example.org', emailVerified: true });
      expect(await codeOf(fixture.flows.undoEmailChange({ secret: undo.data.secret! }, peer))).to.equal('link_invalid');
    });

    it('refuses a taken address, and changes nothing then', async () => {
      const { email: taken } = await fixture.register();
      const { id } = await create();
      expect(await codeOf(update(id, { email: taken, name: 'Ann' }))).to.equal('identifier_taken');
      expect(await codeOf(update(id, { email: 'no address' }))).to.equal('invalid_request');
      expect(await fixture.admin.findUser(backendActor, id)).to.include({ email, name: null });
      expect(await mailed.mails()).to.deep.equal([]);
    });

    it('refuses address, verification and password of a user of another system', async () => {
      const { id } = await create();
      await sql`UPDATE users SET external_id = 'x7', email_key = NULL WHERE id = ${id}::uuid`.execute(db());
      for (const change of [{ email: 'new@example.org' }, { emailVerified: true }, { passwordChangeRequired: true }])
        expect(await codeOf(update(id, change))).to.equal('managed_elsewhere');
      expect(await codeOf(fixture.admin.mailPasswordReset(backendActor, id))).to.equal('managed_elsewhere');
      expect(await codeOf(update(id, { appMetadata: { role: 'x' } }))).to.equal('done');
    });
  });

  describe('mailPasswordReset', () => {
    it('refuses while no mail can be sent, for disabled users and tenants, and beyond the limit of an address', async () => {
      const { id } = await create();
      const send = () => codeOf(fixture.admin.mailPasswordReset(backendActor, id));
      fixture.hasMail = false;
      expect(await send()).to.equal('mail_unavailable');
      fixture.hasMail = true;
      await update(id, { disabled: true });
      expect(await send()).to.equal('user_disabled');
      await update(id, { disabled: false });
      for (let sent = 0; sent < 5; sent++) expect(await send()).to.equal('done');
      expect(await send()).to.equal('rate_limited');
      await fixture.admin.updateTenant(backendActor, 'default', { disabled: true });
      expect(await send()).to.equal('tenant_disabled');
    });
  });

  describe('deleteUser', () => {
    it('ends the sessions of the user, who is found no more', async () => {
      const { email, grant } = await fixture.enter();
      expect(await fixture.admin.deleteUser(backendOf('default'), grant.userId)).to.deep.equal({ ended: 1 });
      expect(fixture.domain.feed.reason(grant.sid)).to.equal('user_deleted');
      expect(await codeOf(fixture.admin.findUser(backendActor, grant.userId))).to.equal('not_found');
      expect(await codeOf(fixture.login(email))).to.equal('invalid_credentials');
      const { rows } = await fixture.domain.audit.list(db(), { action: 'user_deleted' });
      expect(rows[0]).to.deep.include({ userId: grant.userId, detail: { backend: 'b' } });
    });

    it('keeps one of two operators who delete each other at once, and the last one', async () => {
      const [first, second] = [await newOperator(), await newOperator()];
      const remove = (by: string, id: string) => codeOf(fixture.admin.deleteUser(actorOf({ userId: by }), id));
      expect((await Promise.all([remove(first, second), remove(second, first)])).sort()).to.deep.equal([
        'done',
        'forbidden',
      ]);
      const { users } = await fixture.admin.listUsers(backendActor, { operator: true, limit: 5 });
      expect(await codeOf(fixture.admin.deleteUser(backendActor, users[0]!.id))).to.equal('forbidden');
    });
  });

  it('is nothing of an operator for a backend of one tenant, nor of the own account for an operator', async () => {
    const [operator, other] = [await newOperator(), await newOperator()];
    const changes: readonly UserUpdate[] = [
      { name: 'x' },
      { email: 'x@example.org' },
      { appMetadata: {} },
      { passwordChangeRequired: true },
      { disabled: true },
      { operator: false },
    ];
    for (const change of changes) {
      expect(await codeOf(update(operator, change, backendOf('default')))).to.equal('forbidden');
      expect(await codeOf(update(operator, change, actorOf({ userId: operator })))).to.equal('forbidden');
      expect(await codeOf(update(operator, change, backendOf('shop')))).to.equal('not_found');
    }
    expect(await codeOf(fixture.admin.mailPasswordReset(backendOf('default'), operator))).to.equal('forbidden');
    expect(await codeOf(fixture.admin.deleteUser(backendOf('default'), operator))).to.equal('forbidden');
    expect(await codeOf(fixture.admin.deleteUser(actorOf({ userId: operator }), operator))).to.equal('forbidden');
    expect(await mailed.mails()).to.deep.equal([]);
    expect(await codeOf(update(operator, { name: 'x' }, actorOf({ userId: other })))).to.equal('done');
  });
});
