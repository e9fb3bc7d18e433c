import { expect } from 'chai';
import { sql } from 'kysely';
import { notifyOwners } from '../../../src/flow/account/notify-owners.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { challenge, type Fixture, newKey, openFixture, password, peer, said, verifier } from '../fixture.ts';
import { mailFixture } from './mail-fixture.ts';

onEachDatabase('notifyOwners', (database) => {
  let fixture: Fixture;
  let mailed: ReturnType<typeof mailFixture>;
  const db = () => database().db;

  beforeEach(async () => {
    await emptyTables(database());
    await sql`UPDATE notice_cursors SET at = clock_timestamp() - interval '30 minutes'`.execute(db());
    await start();
  });
  afterEach(async () => {
    await fixture.stop();
    expect(fixture.errors).to.deep.equal([]);
  });

  async function start(env: Record<string, string> = {}) {
    fixture = await openFixture(database(), { env });
    mailed = mailFixture(fixture, database());
  }

  /** As half a minute later. */
  async function pass(): Promise<void> {
    await sql`UPDATE sessions SET created_at = created_at - interval '30 seconds', revoked_at = revoked_at - interval '30 seconds'`.execute(
      db(),
    );
  }
  const notify = async () => {
    await pass();
    return notifyOwners(fixture.context);
  };
  const signIn = async (email: string, userAgent: string) => {
    const answer = await fixture.flows.login({ email, password, codeChallenge: challenge }, peer);
    const credential = (answer as { code: string }).code;
    const exchange = { credential, codeVerifier: verifier, rotationKey: newKey(), alsoRotationKeys: [] };
    return fixture.flows.exchange({ ...exchange, peer: { ...peer, userAgent }, isDisconnected: () => false });
  };
  const bind = (sid: string, jkt: string) =>
    sql`UPDATE sessions SET jkt = ${jkt} WHERE sid = ${sid}::uuid`.execute(db());
  const firefox = (version: number) =>
    `Mozilla/5.0 (X11; Linux x86_64; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`;
  const safari =
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15';

  it('mails the owner once for a session that a copied token has ended', async () => {
    const { grant, email } = await mailed.enterVerified();
    const [first, second] = [newKey(), newKey()];
    const next = await fixture.present(grant.token, first);
    await fixture.present(next.token, second);
    await sql`UPDATE sessions SET touched_at = touched_at - interval '20 seconds',
      h_at = (SELECT array_agg(x - interval '20 seconds') FROM unnest(h_at) x)`.execute(db());
    expect(await said(fixture.present(grant.token, newKey()))).equal('token_reused');
    expect(await said(fixture.present(grant.token, newKey()))).equal('session_revoked');
    expect(await notify()).equal(1);
    const mail = await mailed.mail();
    expect(mail).include({ template: 'token_theft', recipient: email, isProved: true });
    expect(mail.data).have.all.keys('at', 'browser');
    await sql`UPDATE notice_cursors SET at = at - interval '10 minutes'`.execute(db());
    await notifyOwners(fixture.context);
    expect(await mailed.mails()).length(0);
  });

  for (const reason of ['generation_unknown', 'code_used'])
    it(`mails the owner for a session that was ended by ${reason}`, async () => {
      await mailed.enterVerified();
      await sql`UPDATE sessions SET revoked_at = clock_timestamp(), revoke_reason = ${reason}`.execute(db());
      expect(await notify()).equal(1);
      expect(await mailed.mail()).include({ template: 'token_theft' });
    });

  it('reports no session of before the owner took the account over, and remembers no browser of it', async () => {
    const { email, grant } = await fixture.enter();
    await fixture.present(grant.token, newKey());
    const other = await signIn(email, safari);
    await sql`UPDATE sessions SET revoked_at = clock_timestamp(), revoke_reason = 'code_used'
      WHERE sid = ${other.sid}::uuid`.execute(db());
    await mailed.forgot(email);
    const { data } = await mailed.mail();
    const newPassword = 'the password of the owner';
    await fixture.flows.resetPassword({ proof: { secret: data.secret! }, newPassword }, peer);
    expect(await mailed.mail()).include({ template: 'password_changed' });
    expect(await notify()).equal(0);
    expect((await sql`SELECT FROM known_browsers`.execute(db())).rows).length(0);
  });

  it('reports the sessions of after that', async () => {
    const { email, grant } = await mailed.enterVerified();
    await sql`INSERT INTO audit (action, tenant_id, uid, at)
      VALUES ('possession_taken', 'default', ${grant.userId}::uuid, now() - interval '5 minutes')`.execute(db());
    await signIn(email, safari);
    expect(await notify()).equal(1);
    expect(await mailed.mail()).include({ template: 'new_sign_in', recipient: email });
  });

  it('mails nothing for a logout, for an address that is not proved, and for a user of a hook', async () => {
    const { grant } = await mailed.enterVerified();
    await fixture.flows.logout(grant.sid, 'session');
    const unproved = await fixture.enter();
    const { userId } = (await mailed.enterVerified()).grant;
    await sql`UPDATE users SET external_id = '17', email_key = NULL WHERE id = ${userId}::uuid`.execute(db());
    await sql`UPDATE sessions SET revoked_at = clock_timestamp(), revoke_reason = 'token_reused'
      WHERE sid <> ${grant.sid}::uuid`.execute(db());
    expect(unproved.grant.sid).not.equal(grant.sid);
    expect(await notify()).equal(0);
  });

  it('mails a sign-in with another browser, and neither the sign-up nor the same browser in a newer version', async () => {
    const { email } = await mailed.enterVerified();
    expect(await notify()).equal(0);
    await signIn(email, firefox(120));
    expect(await notify()).equal(1);
    expect(await mailed.mail()).include({ template: 'new_sign_in', recipient: email });
    await signIn(email, firefox(121));
    expect(await notify()).equal(0);
    await signIn(email, safari);
    expect(await notify()).equal(1);
    expect((await mailed.mail()).data).include({ browser: 'Safari on macOS' });
  });

  it('mails a sign-in with another key, and not one with a known key', async () => {
    const { email, grant } = await mailed.enterVerified();
    await bind(grant.sid, 'first');
    expect(await notify()).equal(0);
    await bind((await signIn(email, 'Firefox')).sid, 'second');
    expect(await notify()).equal(1);
    await mailed.mail();
    await fixture.flows.logout(grant.sid, 'others');
    await bind((await signIn(email, firefox(120))).sid, 'second');
    expect(await notify()).equal(0);
  });

  it('mails ten sign-ins of a user in a day, however many browsers there are', async () => {
    const { email } = await mailed.enterVerified();
    await notify();
    for (let browser = 0; browser < 12; browser++) await bind((await signIn(email, 'Firefox')).sid, `key ${browser}`);
    expect(await notify()).equal(10);
    await bind((await signIn(email, 'Firefox')).sid, 'another key');
    expect(await notify()).equal(0);
    await sql`UPDATE mails SET created_at = created_at - interval '1 day'`.execute(db());
    await bind((await signIn(email, 'Firefox')).sid, 'a key of the next day');
    expect(await notify()).equal(1);
  });

  it('mails ten ends by copied tokens of a user in a day', async () => {
    const { email } = await mailed.enterVerified();
    for (let session = 0; session < 12; session++) await signIn(email, 'Firefox');
    await sql`UPDATE sessions SET revoked_at = clock_timestamp(), revoke_reason = 'code_used'`.execute(db());
    expect(await notify()).equal(10);
  });

  it('knows browsers of sessions that were opened before it looked', async () => {
    const { email } = await mailed.enterVerified();
    await pass();
    await pass();
    await sql`UPDATE notice_cursors SET at = clock_timestamp() - interval '45 seconds'`.execute(db());
    await signIn(email, 'Firefox');
    expect(await notify()).equal(0);
    await signIn(email, safari);
    expect(await notify()).equal(1);
  });

  it('mails a sign-in that was followed by a logout at once', async () => {
    const { email } = await mailed.enterVerified();
    await notify();
    const { sid } = await signIn(email, safari);
    await fixture.flows.logout(sid, 'session');
    expect(await notify()).equal(1);
    expect(await mailed.mail()).include({ template: 'new_sign_in' });
  });

  it('forgets browsers after 90 days, and with the user', async () => {
    const { grant } = await mailed.enterVerified();
    await notify();
    const count = async () => (await db().selectFrom('known_browsers').select('uid').execute()).length;
    expect(await count()).equal(1);
    await sql`UPDATE known_browsers SET last_used_at = now() - interval '91 days'`.execute(db());
    expect(await fixture.domain.notices.deleteUnused(db())).equal(1);
    await sql`UPDATE notice_cursors SET at = clock_timestamp() - interval '30 minutes'`.execute(db());
    await notify();
    expect(await count()).equal(1);
    await fixture.flows.deleteAccount(await mailed.caller(grant.accessToken), peer);
    expect(await count()).equal(0);
  });

  it('mails no sign-in where the setting says so, but theft', async () => {
    await fixture.stop();
    await start({ LATCHKEY_NEW_SIGN_IN_MAILS: 'false' });
    const { email } = await mailed.enterVerified();
    await notify();
    await signIn(email, safari);
    expect(await notify()).equal(0);
    await sql`UPDATE sessions SET revoked_at = clock_timestamp(), revoke_reason = 'token_reused'`.execute(db());
    expect(await notify()).equal(2);
  });

  it('does nothing while no mail can be sent, and reports nothing that is older than an hour', async () => {
    await mailed.enterVerified();
    await sql`UPDATE sessions SET revoked_at = clock_timestamp(), revoke_reason = 'token_reused'`.execute(db());
    fixture.hasMail = false;
    expect(await notify()).equal(0);
    await sql`UPDATE notice_cursors SET at = clock_timestamp() - interval '1 day'`.execute(db());
    await sql`UPDATE sessions SET revoked_at = revoked_at - interval '2 hours', created_at = created_at - interval '3 hours'`.execute(
      db(),
    );
    fixture.hasMail = true;
    expect(await notify()).equal(0);
  });

  it('examines many sessions page by page, each once', async () => {
    const { grant } = await mailed.enterVerified();
    await sql`INSERT INTO sessions SELECT (jsonb_populate_record(s, jsonb_build_object('sid', gen_random_uuid()))).*
      FROM sessions s, generate_series(1, 250)`.execute(db());
    await sql`UPDATE sessions SET revoked_at = clock_timestamp(), revoke_reason = 'token_reused'`.execute(db());
    expect(grant.generation).equal(1);
    // Of one user ten are mailed, and the others are examined as well.
    expect(await notify()).equal(10);
    await sql`UPDATE sessions SET revoke_reason = 'generation_unknown'`.execute(db());
    await sql`DELETE FROM mails`.execute(db());
    expect(await notifyOwners(fixture.context)).equal(0);
  });
});
