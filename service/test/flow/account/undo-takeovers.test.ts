import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../../test-kit/codes.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { type Fixture, newKey, openFixture, password, peer } from '../fixture.ts';
import { mailFixture } from './mail-fixture.ts';

const owners = 'owner@example.org';
const [thiefs, anotherOfThief] = ['thief@example.org', 'another@example.org'];

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
