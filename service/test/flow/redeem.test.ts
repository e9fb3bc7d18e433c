import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../test-kit/codes.ts';
import { createCodes } from '../../src/domain/code/codes.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { age, type Fixture, newKey, openFixture, password, peer, said } from './fixture.ts';

onEachDatabase('redeem', (database) => {
  let fixture: Fixture;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
  });
  afterEach(async () => {
    await fixture.stop();
    expect(fixture.errors).to.deep.equal([]);
  });
  /** The same code as it would be, had it been made so many milliseconds later by the clock of the database. */
  function madeAt(code: string, laterMs: number, more: Readonly<Record<string, unknown>> = {}): string {
    const { databaseClock, secrets } = fixture.domain;
    const at = () => databaseClock.now() + laterMs;
    const rules = { expiresInSeconds: 30, requirePkce: true };
    const codes = createCodes({ secrets, databaseClock: { now: at, earliest: at, latest: at }, ...rules });
    return codes.sign(JSON.parse(Buffer.from(code.split('.')[1]!, 'base64url').toString()), more);
  }
  const sessions = async () => (await sql`SELECT FROM sessions`.execute(database().db)).rows.length;

  it('opens the session at generation 1, and returns the identical token for the same key again', async () => {
    const { code } = await fixture.register();
    const key = newKey();
    const first = await fixture.redeem(code, key);
    const again = await fixture.redeem(code, newKey(), { alsoRotationKeys: [key] });
    expect(first).to.include({ generation: 1, idleTimeoutInSeconds: null, rotateInSeconds: 900 });
    expect(again.token).to.equal(first.token);
    expect(await sessions()).to.equal(1);
  });

  it('refuses a second use with another key, and ends the session of the first', async () => {
    const { code, key, grant } = await fixture.enter();
    expect(await codeOf(fixture.redeem(code, newKey()))).to.equal('code_used');
    expect(await codeOf(fixture.redeem(code, key))).to.equal('code_used');
    expect(await said(fixture.present(grant.token, newKey()))).to.equal('session_revoked');
    const [entry] = (await fixture.domain.audit.list(database().db, { action: 'code_used' })).rows;
    expect(entry).to.deep.include({ sid: grant.sid, userId: grant.userId, detail: { presented: 0, current: 1 } });
  });

  it('refuses a second request without a rotation key', async () => {
    const { code } = await fixture.register();
    await fixture.redeem(code);
    expect(await codeOf(fixture.redeem(code))).to.equal('code_used');
  });

  it('requires the client to read the token again with the same key when the token was acknowledged, and keeps the session', async () => {
    const { code, key, grant } = await fixture.enter();
    fixture.domain.sessions.confirmStored(grant.sid, 1);
    await fixture.flush();
    expect(await codeOf(fixture.redeem(code, key))).to.equal('rotation_superseded');
    expect(await said(fixture.present(grant.token, newKey()))).to.equal(2);
  });

  it('refuses an expired code, and one that is not yet valid, with the same error', async () => {
    const { code } = await fixture.register();
    expect(await codeOf(fixture.redeem(madeAt(code, -31_000), newKey()))).to.equal('code_expired');
    expect(await codeOf(fixture.redeem(madeAt(code, 40_000), newKey()))).to.equal('code_expired');
    await fixture.redeem(madeAt(code, -25_000), newKey());
    expect(await sessions()).to.equal(1);
  });

  it('refuses a code of a hook that is not yet valid by the clock of the database', async () => {
    const { code } = await fixture.register();
    const inSeconds = (seconds: number) => ({ nbf: Math.floor(Date.now() / 1_000) + seconds });
    expect(await codeOf(fixture.redeem(madeAt(code, 0, inSeconds(60)), newKey()))).to.equal('code_invalid');
    await fixture.redeem(madeAt(code, 0, inSeconds(2)), newKey());
  });

  it('refuses a missing verifier, a wrong one, and one for a code without a challenge', async () => {
    const { code } = await fixture.register();
    for (const codeVerifier of [undefined, '', 'another-verifier-of-forty-three-characters-or-more'])
      expect(await codeOf(fixture.redeem(code, newKey(), { codeVerifier }))).to.equal('pkce_mismatch');
    const free = await openFixture(database(), { env: { LATCHKEY_REQUIRE_PKCE: 'false' } });
    const answer = await free.flows.register({ email: 'ann@example.org', password }, peer);
    expect(await codeOf(free.redeem((answer as { code: string }).code, newKey()))).to.equal('pkce_mismatch');
    await free.stop();
    await fixture.redeem(code, newKey());
  });

  it('refuses what is no code of this service', async () => {
    const { code } = await fixture.register();
    const [header, payload, mac] = code.split('.') as [string, string, string];
    const parsed = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...parsed(payload), cv: 2 })).toString('base64url');
    const unsigned = Buffer.from(JSON.stringify({ ...parsed(header), alg: 'none' })).toString('base64url');
    for (const bad of [`${header}.${forged}.${mac}`, `${header}.${payload}.`, `${unsigned}.${payload}.`])
      expect(await codeOf(fixture.redeem(bad, newKey()))).to.equal('code_invalid');
    expect(await codeOf(fixture.redeem(code, 'short'))).to.equal('invalid_request');
  });

  it('opens no session for a user who was disabled before or after the first read', async () => {
    const { code } = await fixture.register();
    await sql`UPDATE users SET disabled_at = now()`.execute(database().db);
    expect(await codeOf(fixture.redeem(code, newKey()))).to.equal('user_disabled');
    await sql`UPDATE users SET disabled_at = NULL`.execute(database().db);
    const late = await openFixture(database(), {
      hooks: {
        async claim() {
          await sql`UPDATE users SET disabled_at = now()`.execute(database().db);
          return {};
        },
      },
    });
    expect(await codeOf(late.redeem(code, newKey()))).to.equal('code_invalid');
    await late.stop();
    expect(await sessions()).to.equal(0);
  });

  it('opens no session after the password was changed', async () => {
    const { grant, email } = await fixture.enter();
    const code = await fixture.login(email);
    const caller = await fixture.flows.authenticate(grant.accessToken);
    await fixture.flows.changePassword(caller, { current: password, next: 'a new long password' }, peer);
    expect(await codeOf(fixture.redeem(code, newKey()))).to.equal('code_invalid');
    expect(await said(fixture.present(grant.token, newKey()))).to.equal(2);
  });

  it('opens no session for a disconnected client, nor on a connection of another session', async () => {
    const { code } = await fixture.register();
    expect(await codeOf(fixture.redeem(code, newKey(), { isDisconnected: () => true }))).to.equal('unavailable');
    const { grant } = await fixture.enter();
    const other = { expectedSid: grant.sid };
    expect(await codeOf(fixture.redeem(code, newKey(), other))).to.equal('already_authenticated');
    await fixture.redeem(code, newKey());
  });

  it('ends the oldest session of a user with more than the maximum, and logs it', async () => {
    const small = await openFixture(database(), { env: { LATCHKEY_MAX_SESSIONS_PER_USER: '2' } });
    const { email, grant } = await small.enter();
    for (let i = 0; i < 2; i++) await small.redeem(await small.login(email), newKey());
    await small.domain.feed.catchUp();
    expect(small.domain.feed.reason(grant.sid)).to.equal('session_limit');
    await small.stop();
  });

  it('returns the identical token again, later and on another node', async () => {
    const { grant } = await fixture.enter();
    const key = newKey();
    const next = await fixture.present(grant.token, key);
    const other = await openFixture(database());
    await age(database(), grant.sid, 4_000);
    const again = await other.present(grant.token, key);
    expect(again.token).to.equal(next.token);
    expect(again.accessToken).to.not.equal(next.accessToken);
    await other.stop();
  });
});
