import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../../test-kit/codes.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { type Fixture, newKey, openFixture, password, peer, said } from '../fixture.ts';
import { mailFixture, newTicket, wrongCodeOf } from './mail-fixture.ts';

onEachDatabase('requestPasswordReset and resetPassword', (database) => {
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

  const newPassword = 'another long password';
  const reset = (proof: Parameters<Fixture['flows']['resetPassword']>[0]['proof'], to = newPassword) =>
    fixture.flows.resetPassword({ proof, newPassword: to }, peer);

  it('set a new password by the link, end every session, and sign nobody in', async () => {
    const { email, grant } = await fixture.enter();
    const other = await fixture.redeem(await fixture.login(email), newKey());
    await mailed.forgot(email);
    const { template, recipient, data } = await mailed.mail();
    expect({ template, recipient }).deep.equal({ template: 'reset_password', recipient: email });
    expect(await reset({ secret: data.secret! })).deep.equal({ ended: 2 });
    for (const token of [grant.token, other.token])
      expect(await said(fixture.present(token, newKey()))).equal('session_revoked');
    expect(await codeOf(fixture.login(email))).equal('invalid_credentials');
    await fixture.login(email, { password: newPassword });
    expect(await mailed.mail()).include({ template: 'password_changed', recipient: email });
    const { rows } = await fixture.domain.audit.list(database().db, { userId: grant.userId });
    expect(rows[1]).include({ action: 'password_reset' });
  });

  it('set a new password by the code with the ticket of the request', async () => {
    const { email } = await fixture.enter();
    const ticket = newTicket();
    await mailed.forgot(email, ticket);
    const { data } = await mailed.mail();
    expect(await codeOf(reset({ code: data.code!, ticket: newTicket() }))).equal('link_invalid');
    expect(await codeOf(reset({ code: wrongCodeOf(data.code), ticket }))).equal('mail_code_wrong');
    expect(await reset({ code: data.code!, ticket })).deep.equal({ ended: 1 });
    await fixture.login(email, { password: newPassword });
  });

  it('use nothing for a weak password', async () => {
    const { email } = await fixture.enter();
    await mailed.forgot(email);
    const { data } = await mailed.mail();
    expect(await codeOf(reset({ secret: data.secret! }, 'short'))).equal('weak_password');
    expect(await codeOf(reset({ secret: data.secret! }, email))).equal('weak_password');
    expect(await codeOf(reset({ secret: data.secret! }))).equal('done');
    expect(await codeOf(reset({ secret: data.secret! }))).equal('link_invalid');
  });

  it('judge the link before the password', async () => {
    expect(await codeOf(reset({ secret: newTicket() }, 'short'))).equal('link_invalid');
    expect(await codeOf(reset({ code: '123456', ticket: newTicket() }, 'short'))).equal('link_invalid');
  });

  it('accept a link from one of 50 callers at once', async () => {
    const { email } = await fixture.enter();
    await mailed.forgot(email);
    const { data } = await mailed.mail();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => codeOf(reset({ secret: data.secret! }))));
    expect(outcomes.filter((outcome) => outcome === 'done')).length(1);
    expect(new Set(outcomes.filter((outcome) => outcome !== 'done'))).not.include('internal_error');
  });

  it('answer alike for every address, and mail only the address of an account as it is stored', async () => {
    await fixture.register('Mike@example.org');
    const answers = [
      await mailed.forgot('mike@EXAMPLE.org', newTicket()),
      await mailed.forgot('mıke@example.org', newTicket()),
      await mailed.forgot('nobody@example.org', newTicket()),
      await mailed.forgot('no address', newTicket()),
    ];
    for (const answer of answers) expect(answer).deep.equal({ expires_in: 1_800 });
    expect(await mailed.mail()).include({ template: 'reset_password', recipient: 'Mike@example.org' });
  });

  it('count wrong codes for an unknown address like those for a known one', async () => {
    const { email } = await fixture.enter();
    const outcomesOf = async (address: string) => {
      const ticket = newTicket();
      await mailed.forgot(address, ticket);
      const [mail] = await mailed.mails();
      const outcomes = [];
      for (let tries = 0; tries < 7; tries++)
        outcomes.push(await codeOf(reset({ code: wrongCodeOf(mail?.data.code), ticket })));
      return outcomes;
    };
    const known = await outcomesOf(email);
    expect(known).deep.equal([...Array(5).fill('mail_code_wrong'), 'link_invalid', 'link_invalid']);
    expect(await outcomesOf('nobody@example.org')).deep.equal(known);
  });

  it('send no mail to a user who is disabled or is kept by a hook', async () => {
    const { email, grant } = await fixture.enter();
    await fixture.domain.users.disable(database().db, grant.userId);
    await fixture.domain.users.upsertExternal(database().db, {
      externalId: '17',
      email: 'external@example.org',
      tenantId: 'default',
    });
    await mailed.forgot(email);
    await mailed.forgot('external@example.org');
    expect(await mailed.mails()).length(0);
  });

  it('set the password of a user who was imported with the id of another system', async () => {
    const { email, grant } = await fixture.enter();
    await sql`UPDATE users SET external_id = '17' WHERE id = ${grant.userId}::uuid`.execute(database().db);
    await mailed.forgot(email);
    await reset({ secret: (await mailed.mail()).data.secret! }, 'another long password');
    await fixture.login(email, { password: 'another long password' });
  });

  it('send at most five mails an hour to an address, and answer alike beyond', async () => {
    const { email } = await fixture.enter();
    let sent = 0;
    for (let asked = 0; asked < 7; asked++) {
      expect(await mailed.forgot(email, newTicket())).deep.equal({ expires_in: 1_800 });
      const [mail] = await mailed.mails();
      if (mail === undefined) continue;
      sent += 1;
      await reset({ secret: mail.data.secret! }, `a long password ${asked}`);
      await mailed.mails();
    }
    expect(sent).equal(5);
  });

  it('refuse a link of before a change of the password', async () => {
    const { email, grant } = await fixture.enter();
    await mailed.forgot(email);
    const { data } = await mailed.mail();
    const caller = await mailed.caller(grant.accessToken);
    await fixture.flows.changePassword(caller, { current: password, next: 'the third long password' }, peer);
    expect(await codeOf(reset({ secret: data.secret! }))).equal('link_invalid');
    await fixture.login(email, { password: 'the third long password' });
  });

  it('give the account of an unproved address to its owner', async () => {
    const { email, grant } = await fixture.enter();
    await mailed.forgot(email);
    const { data } = await mailed.mail();
    await reset({ secret: data.secret! });
    expect((await mailed.user(email))?.emailVerifiedAt).instanceOf(Date);
    expect(await codeOf(fixture.login(email))).equal('invalid_credentials');
    expect(await said(fixture.present(grant.token, newKey()))).equal('session_revoked');
  });

  it('prepare many requests, also beside one whose data only another node can read', async () => {
    const { domain } = fixture;
    const emailKey = 'new@example.org';
    const request = { purpose: 'verify_email' as const, tenantId: 'default', email: emailKey, emailKey };
    await domain.oneTimeTokens.request(database().db, { ...request, data: { password_hash: 'x' } });
    await sql`UPDATE one_time_tokens SET wrap_kid = 'of another node'`.execute(database().db);
    const emails = await Promise.all(Array.from({ length: 40 }, async () => (await fixture.register()).email));
    for (const [index, email] of emails.entries())
      await fixture.flows.requestPasswordReset({ email }, { ...peer, address: `192.0.2.${index}` });
    const mails = await mailed.mails();
    expect(mails.filter(({ template }) => template === 'reset_password')).length(40);
  });

  it('make a code invalid that was issued before', async () => {
    const { email } = await fixture.enter();
    const code = await fixture.login(email);
    await mailed.forgot(email);
    await reset({ secret: (await mailed.mail()).data.secret! });
    expect(await codeOf(fixture.redeem(code, newKey()))).equal('code_invalid');
  });

  it('store no usable secret in any table', async () => {
    const { email } = await fixture.enter();
    const ticket = newTicket();
    await mailed.forgot(email, ticket);
    const { data } = await mailed.mail();
    const { rows } = await sql<{ row: string }>`SELECT t::text AS row FROM one_time_tokens t
      UNION ALL SELECT m::text FROM mails m`.execute(database().db);
    const text = rows.map(({ row }) => row).join();
    for (const plain of [data.secret!, ticket]) {
      expect(text).not.contain(plain);
      expect(text).not.contain(Buffer.from(plain, 'base64url').toString('hex'));
    }
  });
});
