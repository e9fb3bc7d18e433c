import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../../test-kit/codes.ts';
import { maxNoticesInDay } from '../../../src/domain/mail/mail.ts';
import { notifyPasswordChange } from '../../../src/flow/account/notify-password-change.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { backendActor } from '../actors.ts';
import { type Fixture, openFixture, password, peer } from '../fixture.ts';
import { mailFixture } from './mail-fixture.ts';

onEachDatabase('the notice of another password', (database) => {
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
  const template = 'password_changed';

  /** The notices of the outbox. */
  async function notices(): Promise<readonly object[]> {
    const { rows } = await sql<object>`SELECT template, recipient, locale, uid AS "userId" FROM mails
      WHERE template = ${template}`.execute(database().db);
    return rows;
  }
  const setUser = (userId: string, change: { locale?: string; password_change_required?: boolean }) =>
    database().db.updateTable('users').set(change).where('id', '=', userId).execute();

  async function enter() {
    const { email, grant } = await fixture.enter();
    await setUser(grant.userId, { locale: 'de' });
    const notice = { template, recipient: email, locale: 'de', userId: grant.userId };
    return { email, userId: grant.userId, notice, caller: await mailed.caller(grant.accessToken) };
  }
  type Entered = Awaited<ReturnType<typeof enter>>;

  const change = ({ caller }: Entered, current = password, next = newPassword) =>
    fixture.flows.changePassword(caller, { current, next }, peer);
  async function replace({ email, userId }: Entered) {
    await setUser(userId, { password_change_required: true });
    return fixture.flows.replacePassword({ email, password, newPassword }, peer);
  }
  async function reset({ email }: Entered) {
    await mailed.forgot(email);
    const { data } = await mailed.mail();
    return fixture.flows.resetPassword({ proof: { secret: data.secret! }, newPassword }, peer);
  }
  async function resetForAdministrator({ userId }: Entered) {
    await fixture.admin.mailPasswordReset(backendActor, userId);
    const { data } = await mailed.mail();
    return fixture.flows.resetPassword({ proof: { secret: data.secret! }, newPassword }, peer);
  }

  const changes = {
    'that a signed-in user has changed': change,
    'that was required at a sign-in': replace,
    'that a mail has set': reset,
    'that a mail of an administrator has set': resetForAdministrator,
  };
  for (const [title, act] of Object.entries(changes)) {
    it(`is one mail for a password ${title}, in the language of the user`, async () => {
      const entered = await enter();
      // A sign-up of an address that was never proved has the language of the tenant after the first proof.
      await sql`UPDATE users SET email_verified_at = now()`.execute(database().db);
      await act(entered);
      expect(await notices()).deep.equal([entered.notice]);
      await fixture.login(entered.email, { password: newPassword });
      expect(await notices()).length(1);
    });
  }

  it('is not stored where no mail can be sent', async () => {
    fixture.hasMail = false;
    for (const act of [change, replace]) {
      const entered = await enter();
      await act(entered);
      await fixture.login(entered.email, { password: newPassword });
    }
    expect(await notices()).length(0);
  });

  it('is one mail for two changes at once, of which one is refused', async () => {
    const entered = await enter();
    const outcomes = await Promise.all([
      codeOf(change(entered)),
      codeOf(change(entered, password, `${newPassword} 2`)),
    ]);
    expect(outcomes.toSorted()).deep.equal(['done', 'invalid_credentials']);
    expect(await notices()).deep.equal([entered.notice]);
  });

  it('is not stored for a change that is refused or rolled back', async () => {
    const entered = await enter();
    expect(await codeOf(change(entered, 'wrong password'))).equal('invalid_credentials');
    expect(await codeOf(change(entered, password, 'short'))).equal('weak_password');
    await database()
      .db.transaction()
      .execute(async (tx) => {
        const user = (await fixture.domain.users.find(tx, entered.userId))!;
        await notifyPasswordChange(fixture.context, tx, user);
        throw new Error('rolled back');
      })
      .catch(() => {});
    expect(await notices()).length(0);
  });

  it('is for no new user, no required password and no stronger hash', async () => {
    const fields = { email: 'new@example.org', email_verified: true };
    const input = { tenantId: 'default', password, fields };
    const { id } = await fixture.admin.createUser(backendActor, input);
    await fixture.admin.updateUser(backendActor, id, { passwordChangeRequired: true });
    await fixture.admin.updateUser(backendActor, id, { passwordChangeRequired: false });
    await fixture.login(fields.email);
    expect(await notices()).length(0);
  });

  it('is for no user of a hook, and for none who is disabled', async () => {
    const { db } = database();
    const { userId } = await enter();
    const external = { externalId: '17', email: 'external@example.org', tenantId: 'default' };
    const user = await fixture.domain.users.upsertExternal(db, external);
    await notifyPasswordChange(fixture.context, db, user);
    await notifyPasswordChange(fixture.context, db, await fixture.domain.users.disable(db, userId));
    expect(await notices()).length(0);
  });

  it('is sent ten times a day to a user', async () => {
    const { userId, notice } = await enter();
    const user = (await fixture.domain.users.find(database().db, userId))!;
    for (let times = 0; times <= maxNoticesInDay; times++)
      await notifyPasswordChange(fixture.context, database().db, user);
    expect(await notices()).deep.equal(Array(10).fill(notice));
  });
});
