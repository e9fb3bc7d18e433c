import { expect } from 'chai';
import { codeOf } from '../../../../test-kit/codes.ts';
import { signInByMail } from '../../../src/flow/account/sign-in-by-mail.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { challenge, type Fixture, newKey, openFixture, peer, said } from '../fixture.ts';
import { mailFixture, newTicket } from './mail-fixture.ts';

onEachDatabase('requestEmailSignIn and signInByMail', (database) => {
  let fixture: Fixture;
  let mailed: ReturnType<typeof mailFixture>;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
    mailed = mailFixture(fixture, database());
    await mailed.setTenant({ email_sign_in: true });
  });
  afterEach(async () => {
    await mailed.setTenant({ email_sign_in: false });
    await fixture.stop();
    expect(fixture.errors).to.deep.equal([]);
  });

  const request = (email: string, ticket: string) => fixture.flows.requestEmailSignIn({ email, ticket }, peer);
  const signIn = (proof: { secret: string; ticket: string } | { code: string; ticket: string }) =>
    fixture.flows.signInByMail({ proof, codeChallenge: challenge }, peer);

  it('sign in by the code, and by the link, in the browser that asked', async () => {
    const { email, grant } = await mailed.enterVerified();
    for (const kind of ['code', 'secret'] as const) {
      const ticket = newTicket();
      expect(await request(email, ticket)).deep.equal({ expires_in: 600 });
      const { data } = await mailed.mail();
      const proof = kind === 'code' ? { code: data.code!, ticket } : { secret: data.secret!, ticket };
      const opened = await mailed.redeem(await signIn(proof));
      expect(opened.userId).equal(grant.userId);
      expect((await fixture.flows.authenticate(opened.accessToken)).claims.amr).deep.equal(['email']);
      expect(await codeOf(signIn(proof))).equal('link_invalid');
    }
    expect(await said(fixture.present(grant.token, newKey()))).equal(2);
  });

  it('sign nobody in by the link of another browser', async () => {
    const { email } = await mailed.enterVerified();
    const ticket = newTicket();
    await request(email, ticket);
    const { data } = await mailed.mail();
    expect(await codeOf(signIn({ secret: data.secret!, ticket: newTicket() }))).equal('link_invalid');
    expect(await codeOf(signIn({ secret: data.secret!, ticket }))).equal('done');
  });

  it('give the account of an unproved address to its owner: password and sessions of before end', async () => {
    const { email, grant } = await fixture.enter();
    const ticket = newTicket();
    await request(email, ticket);
    const { data } = await mailed.mail();
    const opened = await mailed.redeem(await signIn({ code: data.code!, ticket }));
    expect(opened.userId).equal(grant.userId);
    expect(await said(fixture.present(grant.token, newKey()))).equal('session_revoked');
    expect(await codeOf(fixture.login(email))).equal('invalid_credentials');
    expect((await mailed.user(email))?.emailVerifiedAt).instanceOf(Date);
  });

  it('refuse an owner whose address was proved meanwhile, and who has to choose a password', async () => {
    const { email, grant } = await fixture.enter();
    const ticket = newTicket();
    await request(email, ticket);
    const { data } = await mailed.mail();
    const { context } = fixture;
    const before = await mailed.user(email);
    await context.users.update(database().db, grant.userId, { emailVerified: true, passwordChangeRequired: true });
    const stale = { ...before!, passwordChangeRequired: true };
    const users = { ...context.users, find: async () => stale };
    const proof = { code: data.code!, ticket };
    const signedIn = signInByMail({ ...context, users }, { proof, codeChallenge: challenge }, peer);
    expect(await codeOf(signedIn)).equal('password_change_required');
    await context.users.update(database().db, grant.userId, { passwordChangeRequired: false });
    expect(await codeOf(signIn(proof)), 'the code was not used').equal('done');
  });

  it('answer alike for an unknown address, and send nothing to it', async () => {
    expect(await request('nobody@example.org', newTicket())).deep.equal({ expires_in: 600 });
    expect(await mailed.mails()).length(0);
  });

  it('are refused by a tenant without sign-in by mail, for every address', async () => {
    const { email } = await mailed.enterVerified();
    await mailed.setTenant({ email_sign_in: false });
    for (const address of [email, 'nobody@example.org'])
      expect(await codeOf(request(address, newTicket()))).equal('forbidden');
  });
});
