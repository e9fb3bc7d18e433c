import { expect } from 'chai';
import { codeOf } from '../../../../test-kit/codes.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { type Fixture, newKey, openFixture, password, peer, said } from '../fixture.ts';
import { mailFixture } from './mail-fixture.ts';

onEachDatabase('the change of an address', (database) => {
  let fixture: Fixture;
  let mailed: ReturnType<typeof mailFixture>;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
    mailed = mailFixture(fixture, database());
  });
  afterEach(async () => {
    await fixture.stop();
    expect(fixture.errors).to.deep.equal([]);
  });

  const next = 'new@example.org';
  async function enter() {
    const entered = await mailed.enterVerified();
    return { ...entered, caller: await mailed.caller(entered.grant.accessToken) };
  }
  type Caller = Awaited<ReturnType<typeof enter>>['caller'];
  const request = (caller: Caller, email = next, currentPassword = password) =>
    fixture.flows.requestEmailChange(caller, { email, currentPassword }, peer);
  const confirm = (caller: Caller, proof: { code: string } | { secret: string }) =>
    fixture.flows.verifyEmailChange(caller, proof, peer);

  it('needs a mail to the new address, and the session that asked', async () => {
    const { email, caller, grant } = await enter();
    const other = await fixture.redeem(await fixture.login(email), newKey());
    expect(await request(caller)).deep.equal({ expires_in: 3_600 });
    const { template, recipient, data } = await mailed.mail();
    expect({ template, recipient }).deep.equal({ template: 'change_email', recipient: next });
    const otherCaller = await mailed.caller(other.accessToken);
    expect(await codeOf(confirm(otherCaller, { code: data.code! }))).equal('link_invalid');
    expect(await confirm(caller, { code: data.code! })).deep.equal({ ended: 1 });
    expect(await said(fixture.present(other.token, newKey()))).equal('session_revoked');
    expect(await said(fixture.present(grant.token, newKey()))).equal(2);
    expect(await codeOf(fixture.login(email))).equal('invalid_credentials');
    await fixture.login(next);
    expect(await mailed.mail()).include({ template: 'email_changed', recipient: email });
  });

  it('is not confirmed by the owner of an address that was mistyped', async () => {
    const { caller } = await enter();
    await request(caller);
    const { data } = await mailed.mail();
    const stranger = await enter();
    expect(await codeOf(confirm(stranger.caller, { secret: data.secret! }))).equal('link_invalid');
  });

  it('needs the password and a recent sign-in', async () => {
    const { caller } = await enter();
    expect(await codeOf(request(caller, next, 'wrong password'))).equal('invalid_credentials');
    const old = { ...caller, authTime: caller.authTime - 16 * 60 };
    expect(await codeOf(request(old))).equal('reauthentication_required');
    expect(await mailed.mails()).length(0);
  });

  it('answers alike for an address that is taken, and changes nothing', async () => {
    const { email: taken } = await enter();
    const { email, caller } = await enter();
    expect(await request(caller, taken)).deep.equal({ expires_in: 3_600 });
    expect(await mailed.mail()).include({ template: 'sign_up_taken', recipient: taken });
    expect(await codeOf(confirm(caller, { code: '123456' }))).equal('mail_code_wrong');
    await fixture.login(email);
  });

  it('fails when the address is taken before it is confirmed', async () => {
    const { email, caller } = await enter();
    await request(caller);
    const { data } = await mailed.mail();
    await fixture.register(next);
    expect(await codeOf(confirm(caller, { code: data.code! }))).equal('identifier_taken');
    await fixture.login(email);
  });

  it('is undone by the old address, also after another password: sessions and password end', async () => {
    const { email, caller, grant } = await enter();
    await request(caller);
    await confirm(caller, { code: (await mailed.mail()).data.code! });
    const { data } = await mailed.mail();
    await fixture.flows.changePassword(caller, { current: password, next: 'the password of a thief' }, peer);
    expect(await fixture.flows.undoEmailChange({ secret: data.secret! }, peer)).deep.equal({ ended: 1 });
    const waiting = (await mailed.mails()).map(({ template, recipient }) => ({ template, recipient }));
    expect(waiting).deep.include({ template: 'email_restored', recipient: next });
    expect(await said(fixture.present(grant.token, newKey()))).equal('session_revoked');
    expect(await mailed.user(next)).equal(undefined);
    expect((await mailed.user(email))?.id).equal(grant.userId);
    expect(await codeOf(fixture.login(email, { password: 'the password of a thief' }))).equal('invalid_credentials');
    expect(await codeOf(fixture.flows.undoEmailChange({ secret: data.secret! }, peer))).equal('link_invalid');
  });

  it('sends no mail when the password was changed before the mail was prepared', async () => {
    const { caller } = await enter();
    await request(caller);
    await fixture.flows.changePassword(caller, { current: password, next: 'another long password' }, peer);
    expect(await mailed.mail()).include({ template: 'password_changed' });
  });

  it('makes a link for a new password of before invalid', async () => {
    const { email, caller } = await enter();
    await mailed.forgot(email);
    const { data: reset } = await mailed.mail();
    await request(caller);
    await confirm(caller, { code: (await mailed.mail()).data.code! });
    const used = fixture.flows.resetPassword(
      { proof: { secret: reset.secret! }, newPassword: 'another password' },
      peer,
    );
    expect(await codeOf(used)).equal('link_invalid');
  });

  it('says what a link is for, without using it', async () => {
    const { caller } = await enter();
    await request(caller);
    const { data } = await mailed.mail();
    for (let opened = 0; opened < 3; opened++) {
      const { expires_in, ...inspected } = await fixture.flows.inspectLink({ secret: data.secret! }, peer);
      expect(expires_in).within(3_500, 3_600);
      expect(inspected).deep.equal({
        purpose: 'change_email',
        email_hint: 'n…@example.org',
        tenant: { id: 'default', name: 'Default', brand: null },
      });
    }
    expect(await codeOf(confirm(caller, { secret: data.secret! }))).equal('done');
  });
});
