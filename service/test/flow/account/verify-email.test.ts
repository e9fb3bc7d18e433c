import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../../test-kit/codes.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { challenge, type Fixture, newKey, openFixture, password, peer, said } from '../fixture.ts';
import { mailFixture, newTicket, wrongCodeOf } from './mail-fixture.ts';

onEachDatabase('the verification of an address', (database) => {
  let fixture: Fixture;
  let mailed: ReturnType<typeof mailFixture>;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
    mailed = mailFixture(fixture, database());
  });
  afterEach(async () => {
    await mailed.setTenant({ email_verification: 'off' });
    await fixture.stop();
    expect(fixture.errors).to.deep.equal([]);
  });

  const email = 'ann@example.org';
  const verify = (proof: Parameters<Fixture['flows']['verifyEmail']>[0]['proof'], given?: string) =>
    fixture.flows.verifyEmail({ proof, password: given, codeChallenge: challenge }, peer);
  const countUsers = async () => {
    const { rows } = await sql<{ count: number }>`SELECT count(*)::int AS count FROM users`.execute(database().db);
    return rows[0]!.count;
  };

  describe('where it is required', () => {
    beforeEach(() => mailed.setTenant({ email_verification: 'required' }));

    it('creates the user by the code, in the browser that signed up', async () => {
      const ticket = newTicket();
      expect(await mailed.signUp(email, ticket)).deep.equal({ expires_in: 86_400 });
      expect(await countUsers()).equal(0);
      const { template, recipient, data } = await mailed.mail();
      expect({ template, recipient }).deep.equal({ template: 'verify_email', recipient: email });
      expect(await codeOf(verify({ code: wrongCodeOf(data.code), ticket }))).equal('mail_code_wrong');
      const opened = await mailed.redeem(await verify({ code: data.code!, ticket }));
      expect((await fixture.flows.authenticate(opened.accessToken)).claims.amr).deep.equal(['pwd', 'email']);
      expect((await mailed.user(email))?.emailVerifiedAt).instanceOf(Date);
      await fixture.login(email);
    });

    it('creates the user by the link and the password, in another browser, and not by the link alone', async () => {
      await mailed.signUp(email, newTicket());
      const { data } = await mailed.mail();
      expect(await codeOf(verify({ secret: data.secret! }))).equal('invalid_credentials');
      expect(await codeOf(verify({ secret: data.secret! }, 'another password'))).equal('invalid_credentials');
      expect(await countUsers()).equal(0);
      await mailed.redeem(await verify({ secret: data.secret! }, password));
      expect(await codeOf(verify({ secret: data.secret! }, password))).equal('link_invalid');
      expect(await countUsers()).equal(1);
    });

    it('answers alike for an address that is taken, and mails its owner', async () => {
      await mailed.signUp(email, newTicket());
      await verify({ secret: (await mailed.mail()).data.secret! }, password);
      const ticket = newTicket();
      const again = await mailed.signUp('ANN@example.org', ticket, { password: 'the password of another person' });
      expect(again).deep.equal({ expires_in: 86_400 });
      expect(await mailed.mail()).deep.include({ template: 'sign_up_taken', recipient: email, data: {} });
      expect(await codeOf(verify({ code: '123456', ticket }))).equal('mail_code_wrong');
      await fixture.login(email);
    });

    it('creates one account for two sign-ups of one address that are both verified', async () => {
      const tickets = [newTicket(), newTicket()];
      for (const ticket of tickets) await mailed.signUp(email, ticket);
      const codes = (await mailed.mails()).map(({ data }) => data.code!);
      expect(codes).length(2);
      const proofs = tickets.flatMap((ticket) => codes.map((code) => ({ code, ticket })));
      const outcomes = await Promise.all(proofs.map((proof) => codeOf(verify(proof))));
      expect(outcomes.filter((outcome) => outcome === 'done')).length(1);
      expect(await countUsers()).equal(1);
    });

    it('sends the mail again to the browser that signed up', async () => {
      const ticket = newTicket();
      await mailed.signUp(email, ticket);
      await mailed.mails();
      expect(await fixture.flows.requestVerificationAgain({ ticket }, peer)).deep.equal({ expires_in: 86_400 });
      expect(await fixture.flows.requestVerificationAgain({ ticket: newTicket() }, peer)).deep.equal({
        expires_in: 86_400,
      });
      const { data } = await mailed.mail();
      await verify({ code: data.code!, ticket });
      expect(await countUsers()).equal(1);
    });

    it('refuses a sign-in of a user whose address is not verified, after the right password only', async () => {
      await mailed.setTenant({ email_verification: 'off' });
      await fixture.register(email);
      await mailed.setTenant({ email_verification: 'required' });
      expect(await codeOf(fixture.login(email, { password: 'wrong password' }))).equal('invalid_credentials');
      expect(await codeOf(fixture.login(email))).equal('email_unverified');
      const ticket = newTicket();
      const asked = { email, password, ticket };
      const wrong = fixture.flows.requestVerificationByPassword({ ...asked, password: 'wrong password' }, peer);
      expect(await codeOf(wrong)).equal('invalid_credentials');
      await fixture.flows.requestVerificationByPassword(asked, peer);
      await verify({ code: (await mailed.mail()).data.code!, ticket });
      await fixture.login(email);
    });

    it('judges address and password before anything is stored', async () => {
      expect(await codeOf(mailed.signUp('no address', newTicket()))).equal('invalid_request');
      expect(await codeOf(mailed.signUp(email, newTicket(), { password: 'short' }))).equal('weak_password');
      expect(await mailed.mails()).length(0);
    });
  });

  describe('where it is optional', () => {
    beforeEach(() => mailed.setTenant({ email_verification: 'optional' }));

    it('signs up at once, and a mail follows; the signed-in user verifies by the link', async () => {
      const opened = await mailed.redeem(await mailed.signUp(email, newTicket()));
      const caller = await mailed.caller(opened.accessToken);
      const { data } = await mailed.mail();
      const verified = await fixture.flows.verifyEmailOfCaller(caller, { secret: data.secret! }, peer);
      expect(verified).deep.equal({ email_verified: true });
      expect((await mailed.user(email))?.emailVerifiedAt).instanceOf(Date);
      expect(await said(fixture.present(opened.token, newKey()))).equal(2);
    });

    it('verifies in a session of the user by the code of the sign-up', async () => {
      const opened = await mailed.redeem(await mailed.signUp(email, newTicket()));
      const caller = await mailed.caller(opened.accessToken);
      const { code = '' } = (await mailed.mail()).data;
      const verify = (given: string, by = caller) =>
        codeOf(fixture.flows.verifyEmailOfCaller(by, { code: given }, peer));
      const stranger = await mailed.caller((await fixture.enter()).grant.accessToken);
      await mailed.mails();
      expect(await verify(code, stranger)).equal('link_invalid');
      expect(await verify(wrongCodeOf(code))).equal('mail_code_wrong');
      expect(await verify(code)).equal('done');
      expect((await mailed.user(email))?.emailVerifiedAt).instanceOf(Date);
      expect(await verify(code)).equal('link_invalid');
    });

    it('ends the code of the sign-up after five wrong ones in a session', async () => {
      const opened = await mailed.redeem(await mailed.signUp(email, newTicket()));
      const caller = await mailed.caller(opened.accessToken);
      const { code = '' } = (await mailed.mail()).data;
      const verify = (given: string) => codeOf(fixture.flows.verifyEmailOfCaller(caller, { code: given }, peer));
      for (let i = 0; i < 5; i++) expect(await verify(wrongCodeOf(code))).equal('mail_code_wrong');
      expect(await verify(code)).equal('link_invalid');
    });

    it('refuses the link of one user in the session of another', async () => {
      await mailed.signUp(email, newTicket());
      const { data } = await mailed.mail();
      const { grant } = await fixture.enter();
      const caller = await mailed.caller(grant.accessToken);
      expect(await codeOf(fixture.flows.verifyEmailOfCaller(caller, { secret: data.secret! }, peer))).equal(
        'link_invalid',
      );
      expect((await mailed.user(email))?.emailVerifiedAt).equal(null);
    });
  });

  it('is asked for by a signed-in user, whose session alone can use the code', async () => {
    const { email: address, grant } = await fixture.enter();
    const caller = await mailed.caller(grant.accessToken);
    expect(await fixture.flows.requestVerification(caller, peer)).deep.equal({ expires_in: 86_400 });
    const { data, recipient } = await mailed.mail();
    expect(recipient).equal(address);
    const other = await mailed.caller((await fixture.redeem(await fixture.login(address), newKey())).accessToken);
    expect(await codeOf(fixture.flows.verifyEmailOfCaller(other, { code: data.code! }, peer))).equal('link_invalid');
    expect(await codeOf(fixture.flows.verifyEmailOfCaller(caller, { code: data.code! }, peer))).equal('done');
  });

  it('is asked for by a password, whose guesses are limited and in the audit like those of a sign-in', async () => {
    const { email: address, grant } = await fixture.enter();
    const ask = (given: string) =>
      codeOf(
        fixture.flows.requestVerificationByPassword({ email: address, password: given, ticket: newTicket() }, peer),
      );
    for (let guesses = 0; guesses < 10; guesses++)
      expect(await ask(`guess ${guesses} of it`)).equal('invalid_credentials');
    expect(await ask(password)).equal('rate_limited');
    expect(await codeOf(fixture.login(address))).equal('rate_limited');
    const { rows } = await fixture.domain.audit.list(database().db, { userId: grant.userId, action: 'login_failed' });
    expect(rows.filter(({ detail }) => detail.reason === 'wrong_password')).length(10);
    expect(rows[0]?.addressPrefix).equal('192.0.2.0/24');
  });
});
