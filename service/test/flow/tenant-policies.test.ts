import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../test-kit/codes.ts';
import type { TenantUpdate } from '../../src/domain/tenant/tenant.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { mailFixture, newTicket } from './account/mail-fixture.ts';
import { backendActor } from './actors.ts';
import { challenge, type Fixture, newKey, openFixture, password, peer, said } from './fixture.ts';

onEachDatabase('policies of a tenant', (database) => {
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

  const set = (change: TenantUpdate) => fixture.admin.updateTenant(backendActor, 'default', change);
  const register = (email: string, given = password) =>
    fixture.flows.register({ email, password: given, codeChallenge: challenge, ticket: newTicket() }, peer);
  const weak = async (answer: Promise<unknown>) =>
    answer.then(
      () => 'done',
      (error) => `${error.code} ${error.message}`,
    );

  describe('password_min_length', () => {
    const short = 'quiet lamps burn';
    const refusal = 'weak_password The password has to be at least 24 characters long.';
    const long = 'quiet lamps burn all the night';

    it('applies to a sign-up, a change and a reset', async () => {
      await set({ passwordMinLength: 24 });
      const email = `${randomUUID()}@example.org`;
      expect(await weak(register(email, short))).to.equal(refusal);
      const { code } = (await register(email, long)) as { code: string };
      const caller = await mailed.caller((await fixture.redeem(code, newKey())).accessToken);
      const change = (next: string) => fixture.flows.changePassword(caller, { current: long, next }, peer);
      expect(await weak(change(short))).to.equal(refusal);
      expect(await weak(change(`${long} again`))).to.equal('done');
      await mailed.forgot(email);
      const mail = (await mailed.mails()).find(({ template }) => template === 'reset_password')!;
      const reset = (newPassword: string) =>
        fixture.flows.resetPassword({ proof: { secret: mail.data.secret! }, newPassword }, peer);
      expect(await weak(reset(short))).to.equal(refusal);
      expect(await weak(reset(long))).to.equal('done');
    });

    it('applies to a sign-up that waits for its mail, and may be less than the setting', async () => {
      await set({ passwordMinLength: 24, emailVerification: 'required' });
      expect(await weak(register('ann@example.org', short))).to.equal(refusal);
      await set({ passwordMinLength: 8 });
      expect(await weak(register('ann@example.org', 'xkqwvjzp'))).to.equal('done');
    });
  });

  describe('allowed_domains', () => {
    beforeEach(() => set({ allowedDomains: ['example.org', 'bücher.example'], emailVerification: 'required' }));

    it('refuses a sign-up with another domain, a subdomain or a second @, and sends no mail', async () => {
      const foreign = ['ann@example.com', 'ann@sub.example.org', 'ann@example.org.example.com', 'ann@notexample.org'];
      for (const email of foreign) expect(await codeOf(register(email)), email).to.equal('domain_not_allowed');
      expect(await mailed.mails()).to.deep.equal([]);
    });

    it('accepts these domains in every spelling, and answers alike for a taken address', async () => {
      const first = await register('Ann@EXAMPLE.org');
      expect(await register('ann@bücher.example')).to.deep.equal(first);
      expect(await register('bob@xn--bcher-kva.example')).to.deep.equal(first);
      expect(await register('ann@example.org')).to.deep.equal(first);
    });

    it('refuses the verification of a sign-up whose domain is not allowed any more', async () => {
      const ticket = newTicket();
      await mailed.signUp('ann@example.org', ticket);
      const { data } = await mailed.mail();
      await set({ allowedDomains: ['example.com'] });
      const verify = () =>
        fixture.flows.verifyEmail({ proof: { secret: data.secret!, ticket }, codeChallenge: challenge }, peer);
      expect(await codeOf(verify())).to.equal('domain_not_allowed');
      await set({ allowedDomains: [] });
      expect(await codeOf(verify())).to.equal('done');
    });

    it('refuses a change of address to another domain, with the same answer for every address of it', async () => {
      await set({ allowedDomains: [], emailVerification: 'off' });
      const { grant } = await mailed.enterVerified();
      await set({ allowedDomains: ['example.org'], emailVerification: 'required' });
      const caller = await mailed.caller(grant.accessToken);
      const change = (email: string) =>
        codeOf(fixture.flows.requestEmailChange(caller, { email, currentPassword: password }, peer));
      expect(await change('ann@example.com')).to.equal('domain_not_allowed');
      expect(await change('ann@example.org')).to.equal('done');
    });

    it('refuses a change of address that was asked for before the domain was refused, and uses nothing', async () => {
      await set({ allowedDomains: [], emailVerification: 'off' });
      const { grant } = await mailed.enterVerified();
      const caller = await mailed.caller(grant.accessToken);
      await fixture.flows.requestEmailChange(caller, { email: 'ann@example.org', currentPassword: password }, peer);
      const { data } = (await mailed.mails()).find(({ template }) => template === 'change_email')!;
      const verify = () => codeOf(fixture.flows.verifyEmailChange(caller, { code: data.code! }, peer));
      await set({ allowedDomains: ['example.com'], emailVerification: 'required' });
      expect(await verify()).to.equal('domain_not_allowed');
      await set({ allowedDomains: [] });
      expect(await verify()).to.equal('done');
    });
  });

  describe('max_sessions', () => {
    const live = async (userId: string) => (await fixture.domain.sessions.list(database().db, userId)).length;

    it('ends the oldest session beyond the number of the tenant', async () => {
      await set({ maxSessions: 2 });
      const { email, grant } = await fixture.enter();
      const second = await fixture.redeem(await fixture.login(email), newKey());
      await fixture.redeem(await fixture.login(email), newKey());
      expect(await live(grant.userId)).to.equal(2);
      expect(await said(fixture.present(grant.token, newKey()))).to.equal('session_revoked');
      expect(await said(fixture.present(second.token, newKey()))).to.equal(2);
    });

    it('refuses a sign-in beyond it where the tenant says so, after the right password only', async () => {
      await set({ maxSessions: 1, sessionLimit: 'refuse' });
      const { email, grant } = await fixture.enter();
      expect(await codeOf(fixture.login(email))).to.equal('session_limit_reached');
      expect(await codeOf(fixture.login(email, { password: 'another password' }))).to.equal('invalid_credentials');
      expect(await said(fixture.present(grant.token, newKey()))).to.equal(2);
      await fixture.domain.sessions.end(database().db, { userId: grant.userId }, 'logout', backendActor.deadline);
      expect(await codeOf(fixture.login(email))).to.equal('done');
    });

    it('refuses a code beyond it, which opens a session once another one has ended', async () => {
      await set({ maxSessions: 1, sessionLimit: 'refuse' });
      const { email, code } = await fixture.register();
      const other = await fixture.login(email);
      const grant = await fixture.redeem(code, newKey());
      const key = newKey();
      expect(await said(fixture.redeem(other, key))).to.equal('session_limit_reached');
      expect(await live(grant.userId)).to.equal(1);
      await fixture.flows.logout(grant.sid, 'session');
      expect(await said(fixture.redeem(other, key))).to.equal(1);
    });

    it('opens one of many codes that are redeemed at once', async () => {
      await set({ maxSessions: 1, sessionLimit: 'refuse' });
      const { email, code } = await fixture.register();
      const codes = [code, ...(await Promise.all(Array.from({ length: 5 }, () => fixture.login(email))))];
      const outcomes = await Promise.all(codes.map((one) => said(fixture.redeem(one, newKey()))));
      expect(outcomes.filter((one) => one === 1)).to.have.length(1);
      expect(outcomes.filter((one) => one === 'session_limit_reached')).to.have.length(5);
    });

    it('refuses a sign-in by mail without using the link', async () => {
      await set({ maxSessions: 1, sessionLimit: 'refuse', emailSignIn: true });
      const { email, grant } = await mailed.enterVerified();
      const ticket = newTicket();
      await fixture.flows.requestEmailSignIn({ email, ticket }, peer);
      const { data } = await mailed.mail();
      const signIn = () =>
        fixture.flows.signInByMail({ proof: { secret: data.secret!, ticket }, codeChallenge: challenge }, peer);
      expect(await codeOf(signIn())).to.equal('session_limit_reached');
      await fixture.flows.logout(grant.sid, 'session');
      expect(await codeOf(signIn())).to.equal('done');
    });
  });

  describe('email_sign_in', () => {
    it('refuses a link that was mailed before it was switched off', async () => {
      await set({ emailSignIn: true });
      const { email } = await mailed.enterVerified();
      const ticket = newTicket();
      await fixture.flows.requestEmailSignIn({ email, ticket }, peer);
      const { data } = await mailed.mail();
      const signIn = () =>
        codeOf(fixture.flows.signInByMail({ proof: { code: data.code!, ticket }, codeChallenge: challenge }, peer));
      await set({ emailSignIn: false });
      expect(await signIn()).to.equal('forbidden');
      await set({ emailSignIn: true });
      expect(await signIn()).to.equal('done');
    });
  });

  describe('a required new password', () => {
    const next = 'a very different phrase';
    const replace = (email: string, change: { password?: string; newPassword?: string } = {}) =>
      fixture.flows.replacePassword({ email, password, newPassword: next, ...change }, peer);
    const requireOf = (userId: string) =>
      sql`UPDATE users SET password_change_required = true WHERE id = ${userId}::uuid`.execute(database().db);

    it('refuses a sign-in after the right password, until the password is replaced', async () => {
      const { email, grant } = await fixture.enter();
      expect(await codeOf(replace(email))).to.equal('forbidden');
      await requireOf(grant.userId);
      expect(await codeOf(fixture.login(email, { password: 'another password' }))).to.equal('invalid_credentials');
      expect(await codeOf(fixture.login(email))).to.equal('password_change_required');
      expect(await codeOf(replace(email, { newPassword: password }))).to.equal('weak_password');
      expect(await codeOf(replace(email, { newPassword: 'short' }))).to.equal('weak_password');
      expect(await codeOf(replace(email, { password: 'another password' }))).to.equal('invalid_credentials');
      expect(await replace(email)).to.deep.equal({ ended: 1 });
      expect(await said(fixture.present(grant.token, newKey()))).to.equal('session_revoked');
      expect(await codeOf(fixture.login(email))).to.equal('invalid_credentials');
      expect(await codeOf(fixture.login(email, { password: next }))).to.equal('done');
      const { rows } = await fixture.domain.audit.list(database().db, {
        userId: grant.userId,
        action: 'password_changed',
      });
      expect(rows).to.have.length(1);
    });

    it('is no password of before, also by a mail and in a session', async () => {
      const { email, grant } = await fixture.enter();
      const caller = await mailed.caller(grant.accessToken);
      await requireOf(grant.userId);
      const change = (given: string) => fixture.flows.changePassword(caller, { current: password, next: given }, peer);
      expect(await codeOf(change(password))).to.equal('weak_password');
      await mailed.forgot(email);
      const { data } = await mailed.mail();
      const reset = (newPassword: string) =>
        codeOf(fixture.flows.resetPassword({ proof: { secret: data.secret! }, newPassword }, peer));
      expect(await reset(password)).to.equal('weak_password');
      expect(await codeOf(fixture.login(email))).to.equal('password_change_required');
      expect(await reset(next)).to.equal('done');
    });

    it('is no longer required of a user whose password goes with the first proof of the address', async () => {
      await set({ emailSignIn: true });
      const { email, grant } = await fixture.enter();
      await requireOf(grant.userId);
      for (const _attempt of [1, 2]) {
        const ticket = newTicket();
        await fixture.flows.requestEmailSignIn({ email, ticket }, peer);
        const { data } = await mailed.mail();
        const proof = { code: data.code!, ticket };
        await mailed.redeem(await fixture.flows.signInByMail({ proof, codeChallenge: challenge }, peer));
      }
    });

    it('counts wrong passwords together with those of sign-ins', async () => {
      const { email, grant } = await fixture.enter();
      await requireOf(grant.userId);
      for (let tries = 0; tries < 5; tries++) {
        expect(await codeOf(replace(email, { password: 'another password' }))).to.equal('invalid_credentials');
        expect(await codeOf(fixture.login(email, { password: 'another password' }))).to.equal('invalid_credentials');
      }
      expect(await codeOf(replace(email))).to.equal('rate_limited');
      expect(await codeOf(fixture.login(email))).to.equal('rate_limited');
    });

    it('lets one of two callers at once replace it', async () => {
      const { email, grant } = await fixture.enter();
      await requireOf(grant.userId);
      const both = [codeOf(replace(email)), codeOf(replace(email, { newPassword: `${next} indeed` }))];
      expect((await Promise.all(both)).sort()).to.deep.equal(['done', 'invalid_credentials']);
    });
  });
});
