import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../../test-kit/codes.ts';
import { waitFor } from '../../../../test-kit/wait-for.ts';
import { nilUuid } from '../../../src/db/keyset.ts';
import { readFeedPage } from '../../../src/domain/revocation/revocation-store.ts';
import { exportUsers } from '../../../src/domain/user/transfer/user-export.ts';
import { importUsers } from '../../../src/domain/user/transfer/user-import.ts';
import { prepareRequestedMails } from '../../../src/flow/account/prepare-requested-mails.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { backendActor } from '../actors.ts';
import { challenge, type Fixture, newKey, openFixture, password, peer, said } from '../fixture.ts';
import { mailFixture, newTicket } from './mail-fixture.ts';

onEachDatabase('deleteAccount', (database) => {
  let fixture: Fixture;
  let mailed: ReturnType<typeof mailFixture>;
  const db = () => database().db;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database(), { hooks: { claim: (user) => ({ shown: user.email }) } });
    mailed = mailFixture(fixture, database());
  });
  afterEach(async () => {
    await fixture.stop();
    expect(fixture.errors).to.deep.equal([]);
  });

  async function enter() {
    const entered = await mailed.enterVerified();
    return { ...entered, caller: await mailed.caller(entered.grant.accessToken) };
  }
  type Caller = Awaited<ReturnType<typeof enter>>['caller'];
  const remove = (caller: Caller) => fixture.flows.deleteAccount(caller, peer);
  const setOperator = (id: string) => fixture.domain.operators.setOperator(db(), id, true);

  /** Every row of every table, as text. */
  async function allRows(): Promise<string> {
    const { rows: tables } = await sql<{ name: string }>`SELECT table_name AS name FROM information_schema.tables
      WHERE table_schema = 'public'`.execute(db());
    const texts = tables.map(async ({ name }) => {
      const { rows } = await sql<{ row: string }>`SELECT to_jsonb(t)::text AS row FROM ${sql.table(name)} t`.execute(
        db(),
      );
      return rows.map(({ row }) => row).join('\n');
    });
    return (await Promise.all(texts)).join('\n');
  }

  it('ends all sessions, and leaves the id, the tenant and the time', async () => {
    const { email, caller, grant } = await enter();
    const other = await fixture.redeem(await fixture.login(email), newKey());
    await sql`UPDATE users SET external_id = 'x7', name = 'Ann', picture = 'https://a.test/p', locale = 'de', profile = '{"a":1}',
      user_metadata = '{"b":1}', app_metadata = '{"c":1}', password_change_required = true
      WHERE id = ${caller.userId}::uuid`.execute(db());
    expect(await remove(caller)).deep.equal({ ended: 2 });
    const { entries } = await readFeedPage(db(), 0);
    expect(entries.map(({ reason }) => reason)).deep.equal(['user_deleted', 'user_deleted']);
    const row = await db().selectFrom('users').selectAll().where('id', '=', caller.userId).executeTakeFirstOrThrow();
    expect(row.deleted_at).instanceOf(Date);
    expect(row).deep.equal({
      ...{ id: caller.userId, tenant_id: 'default', created_at: row.deleted_at, deleted_at: row.deleted_at },
      ...{ email: null, email_key: null, email_skeleton: null, email_verified_at: null, password_hash: null },
      ...{
        external_id: null,
        taken_over_at: null,
        name: null,
        picture: null,
        locale: null,
        profile: {},
        user_metadata: {},
        app_metadata: {},
      },
      ...{ password_change_required: false, operator: false, disabled_at: null, credential_version: 2 },
    });
    for (const { token } of [grant, other])
      expect(await said(fixture.present(token, newKey()))).equal('session_revoked');
    expect(await codeOf(fixture.flows.authenticate(grant.accessToken))).equal('unauthenticated');
    expect(await codeOf(remove(caller))).equal('unauthenticated');
  });

  it('leaves neither the address nor the browser in any table', async () => {
    const { email, caller } = await enter();
    const signUp = fixture.flows.register({ email, password, codeChallenge: challenge, ticket: newTicket() }, peer);
    expect(await codeOf(signUp)).equal('identifier_taken');
    await mailed.forgot(email, newTicket());
    await mailed.mails();
    await fixture.flows.requestEmailChange(caller, { email: `new-${email}`, currentPassword: password }, peer);
    await mailed.mails();
    await mailed.forgot(email, newTicket());
    const ended = await fixture.redeem(await fixture.login(email), newKey());
    await fixture.flows.logout(ended.sid, 'session');
    const found = await allRows();
    for (const text of [email, 'Firefox']) expect(found).include(text);
    await remove(caller);
    const left = await allRows();
    for (const text of [email, 'Firefox']) expect(left).not.include(text);
    expect(left).include(caller.userId);
  });

  it('leaves the mails and links of other users', async () => {
    const [{ caller }, other] = [await enter(), await enter()];
    await mailed.forgot(other.email);
    const { data } = await mailed.mail();
    await remove(caller);
    await fixture.flows.inspectLink({ secret: data.secret! }, peer);
    expect(await said(fixture.present(other.grant.token, newKey()))).equal(2);
  });

  it('leaves the invitation of an address that the user never proved', async () => {
    const email = 'invited@example.org';
    const invitation = { tenantId: 'default', email, name: 'Ann', operator: false, appMetadata: { team: 'b' } };
    await fixture.admin.createInvitation(backendActor, { ...invitation, isMailed: true });
    const { code } = await fixture.register(email);
    const { accessToken } = await fixture.redeem(code, newKey());
    await remove(await mailed.caller(accessToken));
    const { template, data } = await mailed.mail();
    expect(template).equal('invitation');
    const acceptance = { secret: data.secret!, password, codeChallenge: challenge };
    await fixture.flows.acceptInvitation(acceptance, peer);
    expect(await mailed.user(email)).deep.include({ name: 'Ann', appMetadata: { team: 'b' } });
  });

  it('deletes the invitation of an address that the user has proved', async () => {
    const email = 'invited@example.org';
    const invitation = { tenantId: 'default', email, name: null, operator: false, appMetadata: {} };
    await fixture.admin.createInvitation(backendActor, { ...invitation, isMailed: true });
    const { code } = await fixture.register(email);
    const { accessToken, userId } = await fixture.redeem(code, newKey());
    await sql`UPDATE users SET email_verified_at = now() WHERE id = ${userId}::uuid`.execute(db());
    await remove(await mailed.caller(accessToken));
    expect(await mailed.mails()).length(0);
    expect(await allRows()).not.include(email);
  });

  it('makes links and codes of before invalid', async () => {
    const { email, caller } = await enter();
    await mailed.forgot(email);
    const { data } = await mailed.mail();
    const code = await fixture.login(email);
    await remove(caller);
    const reset = { proof: { secret: data.secret! }, newPassword: 'another long password' };
    expect(await codeOf(fixture.flows.resetPassword(reset, peer))).equal('link_invalid');
    expect(await codeOf(fixture.redeem(code, newKey()))).equal('code_invalid');
    expect(await codeOf(fixture.login(email))).equal('invalid_credentials');
    expect(await mailed.mails()).length(0);
  });

  it('leaves no session of an earlier code, also when it is redeemed at the same time', async () => {
    for (let i = 0; i < 6; i++) {
      const { caller, email } = await enter();
      const code = await fixture.login(email);
      const [removed, redeemed] = await Promise.allSettled([remove(caller), fixture.redeem(code, newKey())]);
      expect(removed.status).equal('fulfilled');
      if (redeemed.status === 'fulfilled')
        expect(await said(fixture.present(redeemed.value.token, newKey()))).equal('session_revoked');
      const { rows } = await sql`SELECT FROM sessions WHERE uid = ${caller.userId}::uuid
        AND (revoked_at IS NULL OR user_agent IS NOT NULL OR claims <> '{}')`.execute(db());
      expect(rows).length(0);
    }
  });

  it('leaves no row with the address of a mail that is requested, prepared or reported at the same time', async () => {
    for (let i = 0; i < 8; i++) {
      const { caller, email } = await enter();
      await sql`UPDATE users SET email_verified_at = NULL WHERE id = ${caller.userId}::uuid AND ${i % 2 === 0}`.execute(
        db(),
      );
      await mailed.forgot(email);
      const work = [
        () => remove(caller),
        () => fixture.flows.requestVerification(caller, peer),
        () => mailed.forgot(email),
        () => prepareRequestedMails(fixture.context),
        () => fixture.admin.mailPasswordReset(backendActor, caller.userId),
      ];
      const [removed] = await Promise.allSettled(work.map((run) => run()));
      expect(removed?.status).equal('fulfilled');
      await prepareRequestedMails(fixture.context);
      expect((await allRows()).split('\n').filter((row) => row.includes(email))).deep.equal([]);
    }
  });

  it('refuses a mail that is requested while the account is deleted', async function () {
    if (database().pool === undefined) return this.skip();
    const { caller } = await enter();
    const asked = await db()
      .transaction()
      .execute(async (tx) => {
        await fixture.domain.users.delete(tx, caller.userId);
        const request = codeOf(fixture.flows.requestVerification(caller, peer));
        await untilBlocked(1);
        return { request };
      });
    expect(await asked.request).equal('unauthenticated');
    expect((await sql`SELECT FROM one_time_tokens`.execute(db())).rows).length(0);
  });

  it('leaves a request for a mail to the next round while the account is changed', async function () {
    if (database().pool === undefined) return this.skip();
    const { caller, email } = await enter();
    await mailed.forgot(email);
    await db()
      .transaction()
      .execute(async (tx) => {
        await fixture.domain.users.invalidateCodes(tx, caller.userId);
        expect(await prepareRequestedMails(fixture.context)).equal(0);
      });
    expect(await prepareRequestedMails(fixture.context)).equal(1);
    expect(await mailed.mail()).include({ template: 'reset_password', recipient: email });
  });

  /** Resolves once so many statements wait for a lock. */
  const untilBlocked = (count: number) =>
    waitFor(async () => {
      const { rows } = await sql`SELECT FROM pg_locks WHERE NOT granted`.execute(db());
      return rows.length >= count;
    });

  it('frees the address for a user with another id', async () => {
    const { email, caller } = await enter();
    await remove(caller);
    const { code } = await fixture.register(email);
    const grant = await fixture.redeem(code, newKey());
    expect(grant.userId).not.equal(caller.userId);
    const { rows } = await fixture.context.audit.list(db(), { userId: caller.userId, action: 'user_deleted' });
    expect(rows).length(1);
    expect(rows[0]).deep.include({ sid: caller.sid, tenantId: 'default', addressPrefix: '192.0.2.0/24', detail: {} });
  });

  it('needs a sign-in within five minutes', async () => {
    const { caller } = await enter();
    const signedIn = (secondsAgo: number) => ({ ...caller, authTime: caller.authTime - secondsAgo });
    expect(await codeOf(remove(signedIn(5 * 60 + 2)))).equal('reauthentication_required');
    await remove(signedIn(4 * 60));
  });

  it('refuses the last operator, and lets one of two who delete themselves at once', async () => {
    const [one, other] = [await enter(), await enter()];
    await setOperator(one.caller.userId);
    expect(await codeOf(remove(one.caller))).equal('forbidden');
    await setOperator(other.caller.userId);
    const outcomes = await Promise.all([one, other].map(({ caller }) => codeOf(remove(caller))));
    expect(outcomes.toSorted()).deep.equal(['done', 'forbidden']);
    const left = await db().selectFrom('users').select('id').where('operator', '=', true).execute();
    expect(left).length(1);
  });

  it('hides the user from lists, counts, look-ups, exports and changes', async () => {
    const { email, caller } = await enter();
    await remove(caller);
    const { userId } = caller;
    expect(await fixture.admin.listUsers(backendActor, { limit: 50 })).deep.equal({ users: [], next_cursor: null });
    expect((await fixture.admin.getOverview(backendActor)).users).equal(0);
    expect(await codeOf(fixture.admin.findUser(backendActor, userId))).equal('not_found');
    expect(await codeOf(fixture.admin.updateUser(backendActor, userId, { disabled: true }))).equal('not_found');
    expect(await codeOf(fixture.domain.users.disable(db(), userId))).equal('not_found');
    expect(await codeOf(setOperator(userId))).equal('not_found');
    expect((await exportUsers(db(), { tenantId: 'default', after: nilUuid, withSecrets: false })).users).length(0);
    const chunk = { tenantId: 'default', dryRun: false, allowWeakHashes: false };
    const load = async (row: object) =>
      (await importUsers({ db: db(), audit: fixture.context.audit }, { ...chunk, rows: [row] }, {}))[0]!.outcome;
    expect(await load({ id: userId, email })).equal('invalid');
    expect(await load({ email })).equal('created');
  });
});

onEachDatabase('deleteAccount of a user of a hook', (database) => {
  it('gives the same external id another user at the next sign-in', async () => {
    await emptyTables(database());
    const email = 'ann@example.org';
    const fixture = await openFixture(database(), {
      hooks: { findUserByCredentials: () => ({ externalId: '7', email }) },
    });
    const first = await fixture.redeem(await fixture.login(email), newKey());
    await fixture.flows.deleteAccount(await fixture.flows.authenticate(first.accessToken), peer);
    const second = await fixture.redeem(await fixture.login(email), newKey());
    expect(second.userId).not.equal(first.userId);
    await fixture.stop();
  });
});
