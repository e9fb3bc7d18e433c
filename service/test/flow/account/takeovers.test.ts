import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../../test-kit/codes.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { actorOf, backendActor } from '../actors.ts';
import { challenge, type Fixture, newKey, openFixture, password, peer, said } from '../fixture.ts';
import { mailFixture, newTicket } from './mail-fixture.ts';

const address = 'owner@example.org';
const newPassword = 'the password of the owner';

onEachDatabase('an attacker who wants an account', (database) => {
  let fixture: Fixture;
  let mailed: ReturnType<typeof mailFixture>;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
    mailed = mailFixture(fixture, database());
    await mailed.setTenant({ email_verification: 'optional', email_sign_in: true });
  });
  afterEach(async () => {
    await mailed.setTenant({ email_verification: 'off', email_sign_in: false });
    await fixture.stop();
    expect(fixture.errors).to.deep.equal([]);
  });

  type Caller = Awaited<ReturnType<typeof mailed.caller>>;
  const resetBySecret = (secret: string) => fixture.flows.resetPassword({ proof: { secret }, newPassword }, peer);
  const confirmChange = (caller: Caller, proof: { code: string } | { secret: string }) =>
    fixture.flows.verifyEmailChange(caller, proof, peer);

  /** Requests a change of address, and returns its mail. */
  async function requestChange(caller: Caller, email: string) {
    await fixture.flows.requestEmailChange(caller, { email, currentPassword: password }, peer);
    return mailed.mail();
  }

  describe('signs up with the address of another user, and waits', () => {
    /** The account, signed in, with a code that is not redeemed and a change of address that is not confirmed. */
    async function waitAs(attackersAddress = 'attacker@example.org') {
      const ticket = newTicket();
      const { code } = (await mailed.signUp(address, ticket)) as { code: string };
      const verification = await mailed.mail();
      const grant = await fixture.redeem(code, newKey());
      const caller = await mailed.caller(grant.accessToken);
      const change = await requestChange(caller, attackersAddress);
      return { ticket, verification, grant, caller, change, waitingCode: await fixture.login(address) };
    }
    type Waiting = Awaited<ReturnType<typeof waitAs>>;

    async function expectTakenOver({ grant, caller, change, waitingCode, ticket, verification }: Waiting) {
      expect(await said(fixture.present(grant.token, newKey()))).equal('session_revoked');
      expect(await codeOf(fixture.login(address))).equal('invalid_credentials');
      expect(await codeOf(fixture.redeem(waitingCode, newKey()))).equal('code_invalid');
      for (const proof of [{ code: change.data.code! }, { secret: change.data.secret! }])
        expect(await codeOf(confirmChange(caller, proof))).equal('link_invalid');
      for (const proof of [
        { code: verification.data.code!, ticket },
        { secret: verification.data.secret!, ticket },
      ])
        expect(await codeOf(fixture.flows.verifyEmail({ proof, codeChallenge: challenge }, peer))).equal(
          'link_invalid',
        );
      expect(await mailed.user(address)).include({ id: grant.userId });
      expect((await mailed.user(address))?.emailVerifiedAt).instanceOf(Date);
    }

    it('loses password, sessions, codes and the pending change when the owner sets a new password', async () => {
      const waiting = await waitAs();
      await mailed.forgot(address);
      await resetBySecret((await mailed.mail()).data.secret!);
      await expectTakenOver(waiting);
      await fixture.login(address, { password: newPassword });
    });

    it('loses them when the owner signs in by mail', async () => {
      const waiting = await waitAs();
      const ticket = newTicket();
      await fixture.flows.requestEmailSignIn({ email: address, ticket }, peer);
      const proof = { code: (await mailed.mail()).data.code!, ticket };
      await mailed.redeem(await fixture.flows.signInByMail({ proof, codeChallenge: challenge }, peer));
      await expectTakenOver(waiting);
    });

    /** What the user wrote of itself, of the account with the address. */
    const writtenOf = async () => {
      const user = await mailed.user(address);
      return user && [user.name, user.picture, user.locale, user.profile, user.userMetadata];
    };
    const proofs: Readonly<Record<string, () => Promise<unknown>>> = {
      async 'sets a new password'() {
        await mailed.forgot(address);
        await resetBySecret((await mailed.mail()).data.secret!);
      },
      async 'signs in by mail'() {
        const ticket = newTicket();
        await fixture.flows.requestEmailSignIn({ email: address, ticket }, peer);
        const proof = { code: (await mailed.mail()).data.code!, ticket };
        await mailed.redeem(await fixture.flows.signInByMail({ proof, codeChallenge: challenge }, peer));
      },
    };
    for (const [title, prove] of Object.entries(proofs)) {
      it(`leaves nothing that it wrote, and no known browser, when the owner ${title}`, async () => {
        const profile = { nickname: 'mallory' };
        const signUp = { email: address, password, codeChallenge: challenge, profile };
        const { code } = (await fixture.flows.register(signUp, peer)) as { code: string };
        const { accessToken, userId } = await fixture.redeem(code, newKey());
        const written = { name: 'Mallory', picture: 'https://m.test/p', locale: 'de', userMetadata: { bank: 'm' } };
        await fixture.flows.updateProfile(await mailed.caller(accessToken), written, peer);
        await sql`UPDATE users SET app_metadata = '{"roles":["user"]}' WHERE id = ${userId}::uuid`.execute(
          database().db,
        );
        await sql`INSERT INTO known_browsers (uid, mark, last_used_at)
          VALUES (${userId}::uuid, decode(repeat('00', 32), 'hex'), now())`.execute(database().db);
        await mailed.mails();
        await prove();
        expect(await writtenOf()).deep.equal([null, null, null, {}, {}]);
        expect((await mailed.user(address))?.appMetadata).deep.equal({ roles: ['user'] });
        expect((await sql`SELECT FROM known_browsers`.execute(database().db)).rows).length(0);
      });

      it(`leaves no trace in the activity when the owner ${title}`, async () => {
        const attacker = { ...peer, address: '198.51.100.9', addressPrefix: '198.51.100.0/24' };
        const signUp = { email: address, password, codeChallenge: challenge };
        const { code } = (await fixture.flows.register(signUp, attacker)) as { code: string };
        const { accessToken, userId, sid } = await fixture.redeem(code, newKey(), { peer: attacker });
        const caller = await mailed.caller(accessToken);
        await fixture.flows.updateProfile(caller, { name: 'Mallory' }, attacker);
        expect((await fixture.flows.listActivity(caller, { limit: 50 })).activity.length).above(2);
        await mailed.mails();
        await prove();
        const { activity, next_cursor } = await fixture.flows.listActivity(caller, { limit: 50 });
        const { activity: first } = await fixture.flows.listActivity(caller, { limit: 1 });
        expect(activity.at(-1)).include({ action: 'possession_taken', address_prefix: '192.0.2.0/24' });
        expect(first).deep.equal([activity[0]]);
        expect(next_cursor).equal(null);
        const exported = await fixture.flows.exportAccount(caller, peer);
        expect(exported.activity.slice(1)).deep.equal(activity);
        for (const hidden of ['198.51.100', sid]) {
          expect(JSON.stringify(activity)).not.include(hidden);
        }
        const { rows } = await fixture.domain.audit.list(database().db, { userId, action: 'register' });
        expect(rows[0], 'for operators').include({ addressPrefix: '198.51.100.0/24' });
        await mailed.mails();
        await prove();
        expect((await fixture.flows.listActivity(caller, { limit: 50 })).activity.length).above(activity.length);
      });

      it(`changes nothing by a request that comes after the owner ${title}`, async () => {
        const { caller } = await waitAs();
        await prove();
        const { updateProfile, deleteAccount } = fixture.flows;
        expect(await codeOf(updateProfile(caller, { name: 'Mallory' }, peer))).equal('unauthenticated');
        expect(await codeOf(deleteAccount(caller, peer))).equal('unauthenticated');
        expect(await mailed.user(address)).deep.include({ id: caller.userId, name: null });
      });

      it(`had no password, so that what an administrator wrote stays when the owner ${title}`, async () => {
        const fields = { email: address, name: 'Ada', locale: 'en', user_metadata: { team: 'b' } };
        await fixture.admin.createUser(backendActor, { tenantId: 'default', fields });
        await prove();
        expect(await writtenOf()).deep.equal(['Ada', null, 'en', {}, { team: 'b' }]);
      });
    }

    it('gets no verified address by a link that the owner opens without the password', async () => {
      const { verification, grant } = await waitAs();
      const proof = { secret: verification.data.secret! };
      await fixture.flows.inspectLink(proof, peer);
      const opened = (more: object) => fixture.flows.verifyEmail({ proof, codeChallenge: challenge, ...more }, peer);
      expect(await codeOf(opened({}))).equal('invalid_credentials');
      expect(await codeOf(opened({ password: newPassword }))).equal('invalid_credentials');
      expect(await mailed.user(address)).include({ id: grant.userId, emailVerifiedAt: null });
    });

    it('gets no session by the ticket of a sign-up that the owner has not proved', async () => {
      await mailed.setTenant({ email_verification: 'required' });
      const ticket = newTicket();
      await mailed.signUp(address, ticket);
      const { data } = await mailed.mail();
      const verify = (proof: { code: string; ticket: string } | { secret: string }) =>
        codeOf(fixture.flows.verifyEmail({ proof, codeChallenge: challenge }, peer));
      expect(await verify({ code: '000000' === data.code ? '000001' : '000000', ticket })).equal('mail_code_wrong');
      expect(await verify({ secret: data.secret! }), 'the owner, without the password').equal('invalid_credentials');
      expect(await mailed.user(address)).equal(undefined);
    });
  });

  /** A user with a verified address, signed in. */
  async function enterVerified() {
    const { email, grant } = await mailed.enterVerified();
    await mailed.mails();
    return { email, userId: grant.userId, caller: await mailed.caller(grant.accessToken) };
  }

  describe('knows the password, and changes the address', () => {
    it('cannot confirm the change after the owner has set a new password', async () => {
      const { email, userId, caller } = await enterVerified();
      const change = await requestChange(caller, 'attacker@example.org');
      await mailed.forgot(email);
      await resetBySecret((await mailed.mail()).data.secret!);
      for (const proof of [{ code: change.data.code! }, { secret: change.data.secret! }])
        expect(await codeOf(confirmChange(caller, proof))).equal('link_invalid');
      expect((await mailed.user(email))?.id).equal(userId);
    });

    it('cannot set a password by a link of before, after the owner has undone the change', async () => {
      const { email, userId, caller } = await enterVerified();
      const change = await requestChange(caller, 'attacker@example.org');
      await confirmChange(caller, { code: change.data.code! });
      const { data: undo } = await mailed.mail();
      await mailed.forgot('attacker@example.org');
      const { data: reset } = await mailed.mail();
      await fixture.flows.undoEmailChange({ secret: undo.secret! }, peer);
      expect(await codeOf(resetBySecret(reset.secret!))).equal('link_invalid');
      expect((await mailed.user(email))?.id).equal(userId);
    });
  });

  it('gets nothing of a new account by what was left of a deleted one with the same address', async () => {
    const { email, grant } = await mailed.enterVerified();
    await mailed.mails();
    const caller = await mailed.caller(grant.accessToken);
    const waitingCode = await fixture.login(email);
    const ticket = newTicket();
    await mailed.forgot(email, ticket);
    const { data: reset } = await mailed.mail();
    await fixture.flows.requestEmailSignIn({ email, ticket }, peer);
    const { data: signIn } = await mailed.mail();
    const change = await requestChange(caller, 'attacker@example.org');
    await fixture.flows.deleteAccount(caller, peer);
    const { code } = await fixture.register(email);
    const next = await fixture.redeem(code, newKey());
    await mailed.mails();

    expect(await said(fixture.present(grant.token, newKey()))).equal('session_revoked');
    expect(await codeOf(fixture.redeem(waitingCode, newKey()))).equal('code_invalid');
    expect(await codeOf(fixture.flows.getCurrentUser(caller))).equal('unauthenticated');
    expect(await codeOf(resetBySecret(reset.secret!))).equal('link_invalid');
    for (const proof of [
      { code: signIn.code!, ticket },
      { secret: signIn.secret!, ticket },
    ])
      expect(await codeOf(fixture.flows.signInByMail({ proof, codeChallenge: challenge }, peer))).equal('link_invalid');
    for (const proof of [{ code: change.data.code! }, { secret: change.data.secret! }])
      expect(await codeOf(confirmChange(caller, proof))).equal('link_invalid');
    expect(await said(fixture.present(next.token, newKey()))).equal(2);
    await fixture.login(email);
    expect(await mailed.user(email)).include({ id: next.userId, emailVerifiedAt: null });
  });

  it('gets nothing of an invitation by a sign-up with its address', async () => {
    const { userId } = await enterVerified();
    await sql`UPDATE users SET operator = true WHERE id = ${userId}::uuid`.execute(database().db);
    const input = {
      tenantId: 'default',
      email: address,
      name: null,
      operator: true,
      appMetadata: { roles: ['admin'] },
    };
    const operator = actorOf({ userId, addressPrefix: null });
    const { link = '' } = await fixture.admin.createInvitation(operator, { ...input, isMailed: false });
    const { code } = (await mailed.signUp(address, newTicket())) as { code: string };
    await fixture.redeem(code, newKey());
    const acceptance = { secret: new URL(link).hash.slice('#secret='.length), password: newPassword };
    const accepted = fixture.flows.acceptInvitation({ ...acceptance, codeChallenge: challenge }, peer);
    expect(await codeOf(accepted)).equal('identifier_taken');
    expect(await mailed.user(address)).deep.include({ operator: false, appMetadata: {}, emailVerifiedAt: null });
    await fixture.login(address);
  });

  it('gets no mail, and sends none, with an address that looks like the one of an account', async () => {
    await fixture.register('Mike@example.org');
    const { caller } = await enterVerified();
    const email = 'm\u0131ke@example.org';
    await fixture.flows.requestEmailSignIn({ email, ticket: newTicket() }, peer);
    await mailed.forgot(email);
    const byPassword = fixture.flows.requestVerificationByPassword({ email, password, ticket: newTicket() }, peer);
    expect(await codeOf(byPassword)).equal('invalid_credentials');
    const change = fixture.flows.requestEmailChange(caller, { email, currentPassword: password }, peer);
    expect(await codeOf(change)).equal('invalid_request');
    await mailed.setTenant({ email_verification: 'required' });
    expect(await codeOf(mailed.signUp(email, newTicket()))).equal('invalid_request');
    expect(await mailed.mails()).length(0);
  });
});
