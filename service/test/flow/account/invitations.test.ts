import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../../test-kit/codes.ts';
import type { Actor } from '../../../src/flow/admin/actor.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { actorOf } from '../actors.ts';
import { challenge, type Fixture, openFixture, password, peer } from '../fixture.ts';
import { mailFixture, newTicket } from './mail-fixture.ts';

onEachDatabase('createInvitation and acceptInvitation', (database) => {
  let fixture: Fixture;
  let mailed: ReturnType<typeof mailFixture>;
  let operator: Actor;
  const db = () => database().db;

  beforeEach(async () => {
    await emptyTables(database());
    await start();
  });
  afterEach(async () => {
    await fixture.stop();
    expect(fixture.errors).to.deep.equal([]);
  });

  async function start(...options: Parameters<typeof openFixture> extends [unknown, ...infer Rest] ? Rest : never) {
    fixture = await openFixture(database(), ...options);
    mailed = mailFixture(fixture, database());
    const { id } = await insertOperator();
    operator = actorOf({ userId: id, addressPrefix: '192.0.2.0/24' });
  }

  async function insertOperator(): Promise<{ id: string }> {
    const id = randomUUID();
    await sql`INSERT INTO users (id, tenant_id, email, email_key, operator)
      VALUES (${id}::uuid, 'default', ${`${id}@example.org`}, ${`${id}@example.org`}, true)`.execute(db());
    return { id };
  }

  type Invitation = Parameters<Fixture['admin']['createInvitation']>[1];
  const newInvitation = (change: Partial<Invitation> = {}): Invitation => ({
    ...{ tenantId: 'default', email: 'Ann@example.org', name: null, operator: false, appMetadata: {}, isMailed: true },
    ...change,
  });
  const invite = (change: Partial<Invitation> = {}, actor = operator) =>
    fixture.admin.createInvitation(actor, newInvitation(change));
  const accept = (secret: string, more: { password?: string; name?: string } = {}) =>
    fixture.flows.acceptInvitation({ secret, password, codeChallenge: challenge, ...more }, peer);
  const secretOf = ({ link = '' }: { link?: string | undefined }) => new URL(link).hash.slice('#secret='.length);
  const mailedSecret = async () => (await mailed.mail()).data.secret!;
  const actionsOf = async (userId: string | undefined) => {
    const { rows } = await fixture.domain.audit.list(db(), { userId });
    return rows.map(({ action }) => action).reverse();
  };

  it('create a user with a proved address by a link that was mailed, and sign in', async () => {
    const { invitation, link } = await invite({ name: 'Ann', appMetadata: { roles: ['teller'] } });
    expect(link).equal(undefined);
    expect(invitation).include({ email: 'Ann@example.org', state: 'open', mailed: true, invited_by: operator.userId });
    const mail = await mailed.mail();
    expect(mail).include({ template: 'invitation', recipient: 'Ann@example.org', isProved: false });
    expect(mail.data).to.have.all.keys('secret');
    const grant = await mailed.redeem(await accept(mail.data.secret!));
    const user = await mailed.user('ann@example.org');
    expect(user).deep.include({
      email: 'Ann@example.org',
      name: 'Ann',
      appMetadata: { roles: ['teller'] },
      operator: false,
    });
    expect(user?.emailVerifiedAt).instanceOf(Date);
    expect(await mailed.caller(grant.accessToken)).deep.include({ userId: user?.id });
    expect((await mailed.caller(grant.accessToken)).claims.amr).deep.equal(['pwd', 'email']);
    await fixture.login('ann@example.org');
    expect(await actionsOf(user?.id)).deep.equal(['register', 'invitation_accepted', 'email_verified', 'login']);
  });

  it('keep no address in an invitation that was accepted', async () => {
    await invite({ name: 'Ann', appMetadata: { roles: ['teller'] } });
    await accept(await mailedSecret(), { name: 'Ann B.' });
    const { invitations } = await fixture.admin.listInvitations(operator, { limit: 10 });
    const user = await mailed.user('ann@example.org');
    expect(user?.name).equal('Ann B.');
    expect(invitations[0]).deep.include({ state: 'accepted', accepted_by: user?.id });
    expect(invitations[0]).deep.include({ email: null, name: null, app_metadata: {} });
  });

  it('leave the address unproved where the link was not mailed', async () => {
    const answer = await invite({ isMailed: false });
    expect(await mailed.mails()).length(0);
    expect(answer.link).match(/^http:\/\/localhost:4000\/invitation#secret=[\w-]{43}$/);
    const grant = await mailed.redeem(await accept(secretOf(answer)));
    expect((await mailed.user('ann@example.org'))?.emailVerifiedAt).equal(null);
    expect((await mailed.caller(grant.accessToken)).claims.amr).deep.equal(['pwd']);
  });

  it('accept a link once, from one of 20 callers at once', async () => {
    await invite();
    const secret = await mailedSecret();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => codeOf(accept(secret))));
    expect(outcomes.filter((outcome) => outcome === 'done')).length(1);
    expect(new Set(outcomes.filter((outcome) => outcome !== 'done'))).not.include('internal_error');
    expect(await codeOf(accept(secret))).equal('link_invalid');
  });

  it('use nothing for a weak password, and hash nothing for an unknown link', async () => {
    await invite();
    const secret = await mailedSecret();
    expect(await codeOf(accept(secret, { password: 'short' }))).equal('weak_password');
    expect(await codeOf(accept(newTicket(), { password: 'short' }))).equal('link_invalid');
    expect(await codeOf(accept(secret))).equal('done');
  });

  it('refuse a link that was revoked, has expired, or is of another purpose', async () => {
    const { invitation } = await invite();
    const secret = await mailedSecret();
    await fixture.admin.revokeInvitation(operator, invitation.id);
    expect(await codeOf(accept(secret))).equal('link_invalid');
    expect(await codeOf(fixture.flows.inspectLink({ secret }, peer))).equal('link_invalid');
    expect(await codeOf(fixture.admin.revokeInvitation(operator, invitation.id))).equal('not_found');
    await invite();
    const next = await mailedSecret();
    await sql`UPDATE one_time_tokens SET expires_at = clock_timestamp()`.execute(db());
    await sql`UPDATE invitations SET expires_at = clock_timestamp()`.execute(db());
    expect(await codeOf(accept(next))).equal('link_invalid');
    const { invitations } = await fixture.admin.listInvitations(operator, { limit: 10 });
    expect(invitations.map(({ state }) => state)).deep.equal(['expired', 'revoked']);
    const { email } = await fixture.enter();
    await mailed.forgot(email);
    expect(await codeOf(accept(await mailedSecret()))).equal('link_invalid');
  });

  it('send no mail of an invitation that was revoked before it was sent', async () => {
    const { invitation } = await invite();
    await fixture.admin.revokeInvitation(operator, invitation.id);
    expect(await mailed.mails()).length(0);
  });

  it('replace an open invitation of the same mailbox, and keep that of another one', async () => {
    const link = async (email: string) => secretOf(await invite({ email, isMailed: false }));
    const [first, other] = [await link('Ann@bücher.example'), await link('ann@bücher.example')];
    const second = await link('Ann@xn--bcher-kva.example');
    expect(await codeOf(accept(first))).equal('link_invalid');
    expect(await codeOf(accept(second))).equal('done');
    expect(await codeOf(accept(other))).equal('link_invalid');
  });

  it('refuse an address that has an account, before and after the invitation', async () => {
    await fixture.register('ann@example.org');
    expect(await codeOf(invite())).equal('identifier_taken');
    await invite({ email: 'bob@example.org' });
    const secret = await mailedSecret();
    const { code } = await fixture.register('BOB@example.org');
    expect(await codeOf(accept(secret))).equal('identifier_taken');
    await fixture.redeem(code);
  });

  it('invite although registration is closed and the domain is not allowed', async () => {
    await mailed.setTenant({ email_verification: 'required' });
    await sql`UPDATE tenants SET registration_open = false, allowed_domains = '{example.com}'`.execute(db());
    await invite();
    await mailed.redeem(await accept(await mailedSecret()));
    await fixture.login('ann@example.org');
  });

  it('refuse a link without a mail where the tenant requires a verified address', async () => {
    const answer = await invite({ isMailed: false });
    await mailed.setTenant({ email_verification: 'required' });
    expect(await codeOf(invite({ isMailed: false }))).equal('invalid_request');
    expect(await codeOf(accept(secretOf(answer)))).equal('link_invalid');
    await mailed.setTenant({ email_verification: 'optional' });
    expect(await codeOf(accept(secretOf(answer)))).equal('done');
  });

  it('refuse links while the tenant is disabled', async () => {
    const answer = await invite({ isMailed: false });
    await sql`UPDATE tenants SET disabled_at = now() WHERE id = 'default'`.execute(db());
    expect(await codeOf(accept(secretOf(answer)))).equal('link_invalid');
    expect(await codeOf(invite())).equal('tenant_disabled');
  });

  it('give the operator flag by an operator who still is one, and by no backend', async () => {
    const backend = actorOf({ backendId: 'desk' });
    expect(await codeOf(invite({ operator: true }, backend))).equal('forbidden');
    const link = async (email: string) => secretOf(await invite({ operator: true, email, isMailed: false }));
    const [ann, bob] = [await link('ann@example.org'), await link('bob@example.org')];
    await accept(ann);
    const user = await mailed.user('ann@example.org');
    expect(user?.operator).equal(true);
    expect(await actionsOf(user?.id)).include('operator_added');
    await fixture.domain.operators.setOperator(db(), operator.userId!, false);
    expect(await codeOf(accept(bob))).equal('link_invalid');
    expect(await mailed.user('bob@example.org')).equal(undefined);
  });

  it('give the operator flag by the command line', async () => {
    const answer = await invite({ operator: true, isMailed: false }, actorOf({}));
    await accept(secretOf(answer));
    expect((await mailed.user('ann@example.org'))?.operator).equal(true);
  });

  it('give no operator flag by an operator whose user was erased', async () => {
    const answer = await invite({ operator: true, isMailed: false });
    await sql`DELETE FROM users WHERE id = ${operator.userId}::uuid`.execute(db());
    expect(await codeOf(accept(secretOf(answer)))).equal('link_invalid');
  });

  it('give no operator flag by an operator whose tenant is disabled', async () => {
    await fixture.domain.tenants.create(db(), { id: 'bank', name: 'Bank' });
    const answer = await invite({ operator: true, tenantId: 'bank', isMailed: false });
    await sql`UPDATE tenants SET disabled_at = now() WHERE id = 'default'`.execute(db());
    expect(await codeOf(accept(secretOf(answer)))).equal('link_invalid');
    await sql`UPDATE tenants SET disabled_at = NULL WHERE id = 'default'`.execute(db());
    expect(await codeOf(accept(secretOf(answer)))).equal('done');
  });

  it('show a backend of one tenant its own invitations alone', async () => {
    await fixture.domain.tenants.create(db(), { id: 'bank', name: 'Bank' });
    const backend = actorOf({ backendId: 'desk', tenantId: 'bank' });
    expect(await codeOf(invite({}, backend))).equal('tenant_unknown');
    const { invitation: other } = await invite();
    expect(await codeOf(fixture.admin.revokeInvitation(backend, other.id))).equal('not_found');
    const { invitation: own } = await invite({ tenantId: 'bank' }, backend);
    expect(own.invited_by).equal(null);
    const { invitations } = await fixture.admin.listInvitations(backend, { limit: 10 });
    expect(invitations.map(({ id }) => id)).deep.equal([own.id]);
    const { invitation: ofOperator } = await invite({ tenantId: 'bank', email: 'o@example.org', operator: true });
    expect(await codeOf(fixture.admin.revokeInvitation(backend, ofOperator.id))).equal('forbidden');
    const replacement = invite({ tenantId: 'bank', email: 'o@example.org' }, backend);
    expect(await codeOf(replacement)).equal('forbidden');
    const { invitations: left } = await fixture.admin.listInvitations(operator, { tenantId: 'bank', limit: 10 });
    expect(left.map(({ state, operator: flag }) => [state, flag])).deep.equal([
      ['open', true],
      ['open', false],
    ]);
  });

  it('are audited by ids alone', async () => {
    const { invitation } = await invite({ name: 'Ann' });
    await fixture.admin.revokeInvitation(operator, invitation.id);
    await invite({ operator: true, name: 'Ann' });
    const { rows } = await fixture.domain.audit.list(db());
    const by = { operator: operator.userId, invitation: invitation.id };
    expect(rows[1]).deep.include({ action: 'invitation_revoked', tenantId: 'default', detail: by });
    expect(rows[2]).deep.include({ action: 'invitation_created', tenantId: 'default', detail: by });
    expect(rows[0]?.detail).include({ gives: 'operator' });
    expect(JSON.stringify(rows)).not.match(/ann/i);
  });

  it('say mail_unavailable where no mail can be sent, and give the link', async () => {
    fixture.hasMail = false;
    expect(await codeOf(invite())).equal('mail_unavailable');
    await accept(secretOf(await invite({ isMailed: false })));
  });

  it('are refused where another system has the accounts', async () => {
    await fixture.stop();
    await start({ hooks: { register: ({ email }) => ({ externalId: email }) } });
    expect(await codeOf(invite())).equal('managed_elsewhere');
    expect(await codeOf(accept(newTicket()))).equal('managed_elsewhere');
  });

  it('are deleted with the user of their address', async () => {
    const { invitation } = await invite({ email: 'ann@example.org' });
    await mailed.mail();
    await fixture.admin.revokeInvitation(operator, invitation.id);
    const { accessToken } = await fixture.redeem((await fixture.register('ann@example.org')).code);
    await fixture.flows.deleteAccount(await mailed.caller(accessToken), peer);
    expect((await fixture.admin.listInvitations(operator, { limit: 10 })).invitations).deep.equal([]);
  });

  it('are deleted 30 days after they ended', async () => {
    await invite({ isMailed: false });
    await invite({ isMailed: false, email: 'bob@example.org' });
    await sql`UPDATE invitations SET expires_at = now() - interval '31 days' WHERE email = 'bob@example.org'`.execute(
      db(),
    );
    expect(await fixture.domain.invitations.deleteEnded(db())).equal(1);
    const { invitations } = await fixture.admin.listInvitations(operator, { limit: 10 });
    expect(invitations.map(({ email }) => email)).deep.equal(['Ann@example.org']);
  });

  it('count as sign-ups of a network, and refuse one too many without using its link', async () => {
    await fixture.stop();
    await start({ env: { LATCHKEY_REGISTRATIONS_PER_ADDRESS: '1' } });
    await invite({ email: 'one@example.org' });
    await accept(await mailedSecret());
    await invite({ email: 'two@example.org' });
    const secret = await mailedSecret();
    expect(await codeOf(accept(secret))).equal('rate_limited');
    const elsewhere = { ...peer, address: '198.51.100.7' };
    await fixture.flows.acceptInvitation({ secret, password, codeChallenge: challenge }, elsewhere);
  });
});
