import { expect } from 'chai';
import { sql } from 'kysely';
import { createProofMaker, hashOf } from '../../../test-kit/client/proof-maker.ts';
import { codeOf } from '../../../test-kit/codes.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { challenge, type Fixture, newKey, openFixture, password, peer, verifier } from './fixture.ts';

const publicUrl = 'https://id.test';
const hour = 3_600_000;

onEachDatabase('nodes whose clocks differ', (database) => {
  let right: Fixture;
  let wrong: Fixture;
  beforeEach(async () => {
    await emptyTables(database());
    const env = { LATCHKEY_PUBLIC_URL: publicUrl };
    right = await openFixture(database(), { env });
    wrong = await openFixture(database(), { env: { ...env, LATCHKEY_ACCESS_TOKEN_EXPIRES_IN_SECS: '10' } });
  });
  afterEach(async () => {
    for (const fixture of [right, wrong]) {
      await fixture.stop();
      expect(fixture.errors).to.deep.equal([]);
    }
  });

  for (const aheadMs of [-2 * hour, -600_000, -45_000, 45_000, 600_000, 2 * hour])
    it(`accept each other’s codes, access tokens and proofs when one is ${aheadMs / 1_000} s ahead`, async () => {
      wrong.aheadMs = aheadMs;
      for (const [here, there] of [
        [right, wrong],
        [wrong, right],
        [wrong, wrong],
      ] as const) {
        const { code, email } = await here.register();
        const grant = await there.redeem(code, newKey());
        const caller = await there.flows.authenticate(grant.accessToken);
        expect((await here.flows.authenticate(grant.accessToken)).sid).to.equal(grant.sid);
        expect(Math.abs(caller.authTime - Date.now() / 1_000)).to.be.below(30);
        const change = { current: password, next: 'another quite long password' };
        expect(await codeOf(here.flows.changePassword(caller, change, peer))).to.equal('done');
        await here.login(email, { password: change.next });
      }
    });

  for (const aheadMs of [-2 * hour, 2 * hour])
    it(`check proofs by the clock of the database when their own is ${aheadMs / hour} h ahead`, async () => {
      wrong.aheadMs = aheadMs;
      const maker = await createProofMaker();
      const register = { email: `${newKey()}@example.org`, password, codeChallenge: challenge };
      const { code } = (await right.flows.register({ ...register, keyThumbprint: maker.jkt }, peer)) as {
        code: string;
      };
      const proof = await maker.make({ htm: 'SOCKET', htu: publicUrl, nonce: peer.connectionId, ath: hashOf(code) });
      const shown = {
        codeVerifier: verifier,
        rotationKey: newKey(),
        alsoRotationKeys: [],
        peer,
        isDisconnected: () => false,
      };
      const { accessToken } = await right.flows.exchange({ ...shown, credential: code, proof });
      const show = async (claims: object, fixture: Fixture) => {
        const made = await maker.make({ htm: 'GET', htu: `${publicUrl}/me`, ath: hashOf(accessToken), ...claims });
        return codeOf(
          fixture.flows.authenticate(accessToken, { scheme: 'DPoP', proof: made, method: 'GET', path: '/me' }),
        );
      };
      const iat = Math.floor(Date.now() / 1_000);
      expect(await show({ iat }, wrong)).to.equal('done');
      expect(await show({ iat: iat + aheadMs / 1_000 }, wrong)).to.equal('use_dpop_nonce');
      // The nonce of the other node comes first; with it `iat` does not count.
      expect(await show({ iat: iat + aheadMs / 1_000, nonce: right.domain.proofs.nonce() }, wrong)).to.equal('done');
    });

  it('keep revocations, also with a shorter lifetime of access tokens and a clock an hour behind', async () => {
    wrong.aheadMs = -hour;
    const { grant } = await right.enter();
    expect(grant.accessTokenExpiresInSeconds).to.be.above(200);
    await wrong.flows.logout(grant.sid, 'session');
    for (const fixture of [right, wrong]) {
      await fixture.domain.feed.catchUp();
      expect(await codeOf(fixture.flows.authenticate(grant.accessToken))).to.equal('unauthenticated');
      const [entry] = fixture.domain.feed.since(undefined, undefined).entries;
      expect(entry!.untilMs - Date.now()).to.be.within(1_007_000 - 20_000, 1_007_000 + 1_000);
    }
    const { rows } = await sql<{ kept: number }>`
      SELECT extract(epoch FROM expires_at - created_at)::float8 AS kept FROM blacklist`.execute(database().db);
    expect(rows).to.deep.equal([{ kept: 1_007 }]);
  });
});
