import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../../test-kit/codes.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { actorOf } from '../actors.ts';
import { challenge, type Fixture, newKey, openFixture, password, peer } from '../fixture.ts';
import { mailFixture, newTicket } from './mail-fixture.ts';

const owners = 'owner@example.org';
const [thiefs, anotherOfThief] = ['thief@example.org', 'another@example.org'];
const newPassword = 'another long password';

onEachDatabase('an attacker who knows the password and changes the address', (database) => {
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

  /** The attacker's session in the account of the address. */
  async function enter({ email = owners, isProved = true } = {}) {
    const { code } = await fixture.register(email);
    const { accessToken, userId } = await fixture.redeem(code, newKey());
    if (isProved)
      await sql`UPDATE users SET email_verified_at = now() WHERE id = ${userId}::uuid`.execute(database().db);
    await mailed.mails();
    return { userId, caller: await mailed.caller(accessToken) };
  }
  type Caller = Awaited<ReturnType<typeof enter>>['caller'];

  /** Changes the address, and returns the secret of the link that the old one got. */
  async function change(caller: Caller, email: string): Promise<string> {
    await fixture.flows.requestEmailChange(caller, { email, currentPassword: password }, peer);
    await fixture.flows.verifyEmailChange(caller, { code: (await mailed.mail()).data.code! }, peer);
    return (await mailed.mail()).data.secret!;
  }
  const undo = (secret: string) => codeOf(fixture.flows.undoEmailChange({ secret }, peer));

  it('does not void the undo of the owner by an undo of its own', async () => {
    const { userId, caller } = await enter();
    const ofOwner = await change(caller, thiefs);
    const ofThief = await change(caller, anotherOfThief);
    expect(await undo(ofThief)).equal('done');
    expect(await undo(ofOwner)).equal('done');
    expect((await mailed.user(owners))?.id).equal(userId);
  });

  it('cannot undo the undo of the owner', async () => {
    const { userId, caller } = await enter();
    const ofOwner = await change(caller, thiefs);
    const ofThief = await change(caller, anotherOfThief);
    expect(await undo(ofOwner)).equal('done');
    expect(await undo(ofThief)).equal('link_invalid');
    expect((await mailed.user(owners))?.id).equal(userId);
  });

  it('cannot keep the address by an account without a proof of it', async () => {
    const { userId, caller } = await enter();
    const ofOwner = await change(caller, thiefs);
    expect(await codeOf(mailed.signUp(owners, newTicket()))).equal('identifier_taken');
    expect(await codeOf(mailed.signUp(owners.toUpperCase(), newTicket()))).equal('identifier_taken');
    const operator = actorOf({});
    const invitation = { tenantId: 'default', email: owners, name: null, operator: false, appMetadata: {} };
    const { link = '' } = await fixture.admin.createInvitation(operator, { ...invitation, isMailed: false });
    const secret = new URL(link).hash.slice('#secret='.length);
    const accepted = fixture.flows.acceptInvitation({ secret, password, codeChallenge: challenge }, peer);
    expect(await codeOf(accepted)).equal('identifier_taken');
    expect(await undo(ofOwner)).equal('done');
    expect((await mailed.user(owners))?.id).equal(userId);
  });

  it('cannot keep it by a sign-up at the same moment', async () => {
    for (let round = 0; round < 5; round++) {
      const email = `owner${round}@example.org`;
      const { userId, caller } = await enter({ email });
      await fixture.flows.requestEmailChange(caller, { email: `thief${round}@x.org`, currentPassword: password }, peer);
      const { data } = await mailed.mail();
      const changed = fixture.flows.verifyEmailChange(caller, { code: data.code! }, peer);
      await Promise.allSettled([changed, mailed.signUp(email, newTicket()), mailed.signUp(email, newTicket())]);
      const mails = await mailed.mails();
      const ofOwner = mails.find(({ template }) => template === 'email_changed')!.data.secret!;
      expect(await undo(ofOwner)).equal('done');
      expect((await mailed.user(email))?.id).equal(userId);
    }
  });

  it('cannot keep it by an address that looks the same', async () => {
    const email = 'пётр@example.org';
    const { userId, caller } = await enter({ email });
    const ofOwner = await change(caller, thiefs);
    const stored = await sql<{ skeleton: string }>`SELECT email_skeleton AS skeleton FROM users`.execute(database().db);
    expect(stored.rows).length(1);
    const { userId: lookAlike } = await enter({ email: 'other@example.org' });
    const skeleton = await skeletonOf(email);
    await sql`UPDATE users SET email_skeleton = ${skeleton} WHERE id = ${lookAlike}::uuid`.execute(database().db);
    expect(await undo(ofOwner)).equal('done');
    expect((await mailed.user(email))?.id).equal(userId);
  });

  /** What an account with the address would have. */
  async function skeletonOf(email: string): Promise<string> {
    const { emailSkeleton } = await fixture.domain.users.prepare({ tenantId: 'default', email, password });
    return emailSkeleton!;
  }

  it('leaves the address free for a sign-up once the undo was used or has expired', async () => {
    const { caller } = await enter();
    await change(caller, thiefs);
    await sql`UPDATE one_time_tokens SET expires_at = clock_timestamp()`.execute(database().db);
    expect(await codeOf(mailed.signUp(owners, newTicket()))).equal('done');
  });

  it('leaves the address free for a sign-up that proves it', async () => {
    const { caller } = await enter();
    await change(caller, thiefs);
    await mailed.setTenant({ email_verification: 'required' });
    const ticket = newTicket();
    await mailed.signUp(owners, ticket);
    const proof = { code: (await mailed.mail()).data.code!, ticket };
    expect(await codeOf(fixture.flows.verifyEmail({ proof, codeChallenge: challenge }, peer))).equal('done');
  });

  describe('that it signed up with, and that another user owns', () => {
    it('keeps nothing when its owner undoes the change', async () => {
      const { userId, caller } = await enter({ isProved: false });
      const written = { name: 'Mallory', picture: 'https://m.test/p', locale: 'de', userMetadata: { bank: 'm' } };
      await fixture.flows.updateProfile(caller, written, peer);
      await sql`UPDATE users SET profile = '{"nickname":"m"}'`.execute(database().db);
      await sql`INSERT INTO known_browsers (uid, mark, last_used_at)
        VALUES (${userId}::uuid, decode(repeat('00', 32), 'hex'), now())`.execute(database().db);
      expect(await undo(await change(caller, thiefs))).equal('done');
      const user = await mailed.user(owners);
      expect(user).deep.include({ id: userId, name: null, picture: null, locale: null, profile: {}, userMetadata: {} });
      expect((await sql`SELECT FROM known_browsers`.execute(database().db)).rows).length(0);
      const { activity } = await fixture.flows.listActivity(caller, { limit: 50 });
      expect(activity.map(({ action }) => action)).deep.equal(['email_change_undone', 'possession_taken']);
    });

    it('does not keep its owner from a sign-up', async () => {
      const { caller } = await enter({ isProved: false });
      await change(caller, thiefs);
      expect(await codeOf(mailed.signUp(owners, newTicket(), { password: newPassword }))).equal('done');
    });
  });

  it('leaves what the owner of a proved address wrote when it is undone', async () => {
    const { caller } = await enter();
    await fixture.flows.updateProfile(caller, { name: 'Ann', userMetadata: { theme: 'dark' } }, peer);
    expect(await undo(await change(caller, thiefs))).equal('done');
    expect(await mailed.user(owners)).deep.include({ name: 'Ann', userMetadata: { theme: 'dark' } });
    const { activity } = await fixture.flows.listActivity(caller, { limit: 50 });
    expect(activity.map(({ action }) => action)).include('register');
  });
});
