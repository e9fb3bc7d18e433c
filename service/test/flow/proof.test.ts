import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { sql } from 'kysely';
import { createProofMaker, hashOf, type ProofMaker } from '../../../test-kit/client/proof-maker.ts';
import { codeOf } from '../../../test-kit/codes.ts';
import type { Backend } from '../../src/domain/backend/backend.ts';
import { type BackendFlows, createBackendFlows } from '../../src/flow/flows.ts';
import type { Client, CredentialRequest, ExchangeResult } from '../../src/flow/types.ts';
import { createHooks } from '../../src/hook/hooks.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { challenge, type Fixture, newKey, openFixture, password, peer, verifier } from './fixture.ts';

const clock = createSystemClock();
const publicUrl = 'https://id.test';
const endpoint = { method: 'POST', path: '/oauth/token' };
const bank: Client = {
  ...peer,
  connectionId: 'bank-1',
  origin: 'https://bank.test',
  socketOrigin: 'https://bank.test',
};

onEachDatabase('proofs', (database) => {
  let fixture: Fixture;
  let maker: ProofMaker;
  let thief: ProofMaker;

  before(async () => {
    [maker, thief] = [await createProofMaker(), await createProofMaker()];
  });
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database(), { env: { LATCHKEY_PUBLIC_URL: publicUrl } });
  });
  afterEach(async () => {
    await fixture.stop();
    expect(fixture.errors).to.deep.equal([]);
  });

  async function boundCode(): Promise<string> {
    const email = `${newKey()}@example.org`;
    const input = { email, password, codeChallenge: challenge, keyThumbprint: maker.jkt };
    return ((await fixture.flows.register(input, peer)) as { code: string }).code;
  }

  const asked = (credential: string, more: Partial<CredentialRequest> = {}): CredentialRequest => ({
    ...{ credential, rotationKey: newKey(), alsoRotationKeys: [], peer, isDisconnected: () => false },
    ...more,
  });

  /** A proof for a socket of the service, by default a good one of the owner. */
  const onSocket = (credential: string, claims: object = {}, by = maker) =>
    by.make({ htm: 'SOCKET', htu: publicUrl, nonce: peer.connectionId, ath: hashOf(credential), ...claims });
  const atEndpoint = (claims: object = {}, by = maker) =>
    by.make({ htm: 'POST', htu: `${publicUrl}/oauth/token`, nonce: fixture.domain.proofs.nonce(), ...claims });

  const redeem = async (code: string, proof?: string) =>
    fixture.flows.exchange(asked(code, { codeVerifier: verifier, proof }));
  const rotate = async (token: string, proof?: string) => fixture.flows.exchange(asked(token, { proof }));

  async function enter(): Promise<ExchangeResult> {
    const code = await boundCode();
    return redeem(code, await onSocket(code));
  }

  const rowOf = async (sid: string) =>
    (
      await sql<{
        gen: number;
        jkt: string | null;
        revoked: boolean;
      }>`SELECT gen, jkt, revoked_at IS NOT NULL AS revoked
        FROM sessions WHERE sid = ${sid}::uuid`.execute(database().db)
    ).rows[0];
  /** What the audit keeps, oldest first. */
  const refusals = async (of: string) => {
    const { rows } = await fixture.domain.audit.list(database().db, { action: 'proof_refused' });
    return rows
      .filter(({ sid }) => sid === of)
      .map(({ detail }) => detail.code)
      .reverse();
  };

  it('bind code, session and access token of a login with a thumbprint', async () => {
    const grant = await enter();
    expect(grant).to.include({ isBound: true, generation: 1 });
    expect(await rowOf(grant.sid)).to.deep.equal({ gen: 1, jkt: maker.jkt, revoked: false });
    const claims = JSON.parse(Buffer.from(grant.accessToken.split('.')[1]!, 'base64url').toString());
    expect(claims.cnf).to.deep.equal({ jkt: maker.jkt });
    const next = await rotate(grant.token, await onSocket(grant.token));
    expect(next).to.include({ isBound: true, generation: 2 });
    const last = await fixture.flows.exchange(asked(next.token, { proof: await atEndpoint() }), endpoint);
    expect(last).to.include({ isBound: true, generation: 3 });
    expect((await rowOf(grant.sid))?.jkt).to.equal(maker.jkt);
  });

  it('are required for a bound code, which stays valid after a refusal', async () => {
    const code = await boundCode();
    expect(await codeOf(redeem(code))).to.equal('proof_required');
    expect(await codeOf(redeem(code, await onSocket(code, {}, thief)))).to.equal('proof_invalid');
    expect(await codeOf(redeem(code, await onSocket('another')))).to.equal('proof_invalid');
    expect((await redeem(code, await onSocket(code))).generation).to.equal(1);
  });

  it('return the identical answer for the same key again, and for no other', async () => {
    const code = await boundCode();
    const key = newKey();
    const request = async (proof?: string) =>
      fixture.flows.exchange(asked(code, { codeVerifier: verifier, rotationKey: key, proof }));
    const first = await request(await onSocket(code));
    expect((await request(await onSocket(code))).token).to.equal(first.token);
    expect(await codeOf(request())).to.equal('proof_required');
    expect(await codeOf(request(await onSocket(code, {}, thief)))).to.equal('proof_invalid');
    expect(await rowOf(first.sid)).to.include({ gen: 1, revoked: false });
  });

  it('are required of a copied token, which returns, ends and replaces nothing without them', async () => {
    const grant = await enter();
    const wrong: Record<string, string | undefined> = {
      proof_required: undefined,
      'another key': await onSocket(grant.token, {}, thief),
      'another connection': await onSocket(grant.token, { nonce: 'c2' }),
      'another address': await onSocket(grant.token, { htu: 'https://else.test' }),
      'another token': await onSocket('another'),
      'another method': await onSocket(grant.token, { htm: 'POST' }),
      garbage: 'x.y.z',
    };
    for (const [name, proof] of Object.entries(wrong))
      expect(await codeOf(rotate(grant.token, proof)), name).to.equal(
        proof === undefined ? 'proof_required' : 'proof_invalid',
      );
    expect(await rowOf(grant.sid)).to.include({ gen: 1, revoked: false });
    expect(await refusals(grant.sid)).to.deep.equal(['proof_required', ...Array(6).fill('proof_invalid')]);
    for (let more = 0; more < 6; more += 1) expect(await codeOf(rotate(grant.token))).to.equal('proof_required');
    expect(await refusals(grant.sid), 'a thief does not fill the audit').to.have.length(10);
    expect((await rotate(grant.token, await onSocket(grant.token))).generation).to.equal(2);
  });

  it('prevent a replaced token from ending its bound session without the key', async () => {
    const grant = await enter();
    const second = await rotate(grant.token, await onSocket(grant.token));
    const third = await rotate(second.token, await onSocket(second.token));
    await sql`UPDATE sessions SET h_at = '{}', h_gen = '{}', h_key = '{}'`.execute(database().db);
    expect(await codeOf(rotate(grant.token))).to.equal('proof_required');
    expect(await codeOf(rotate(grant.token, await onSocket(grant.token, {}, thief)))).to.equal('proof_invalid');
    expect(await rowOf(grant.sid)).to.include({ gen: 3, revoked: false });
    expect(await codeOf(rotate(grant.token, await onSocket(grant.token)))).to.equal('token_reused');
    expect(await codeOf(rotate(third.token, await onSocket(third.token)))).to.equal('session_revoked');
  });

  it('do not bind a session whose login had no thumbprint', async () => {
    const { code } = await fixture.register();
    const request = asked(code, { codeVerifier: verifier, proof: await atEndpoint() });
    const grant = await fixture.flows.exchange(request, endpoint);
    expect(grant.isBound).to.equal(false);
    expect((await rowOf(grant.sid))?.jkt).to.equal(null);
    expect((await rotate(grant.token)).generation).to.equal(2);
  });

  it('are refused on an unbound session', async () => {
    const { grant } = await fixture.enter();
    expect(await codeOf(rotate(grant.token, 'x.y.z'))).to.equal('proof_invalid');
    expect((await rotate(grant.token, await onSocket(grant.token))).isBound).to.equal(false);
  });

  it('require the nonce of the service at the token endpoint', async () => {
    const grant = await enter();
    const at = async (claims: object) =>
      codeOf(fixture.flows.exchange(asked(grant.token, { proof: await atEndpoint(claims) }), endpoint));
    expect(await at({ nonce: undefined })).to.equal('use_dpop_nonce');
    expect(await at({ nonce: peer.connectionId })).to.equal('use_dpop_nonce');
    expect(await at({ htu: `${publicUrl}/me` })).to.equal('proof_invalid');
    expect(await at({ htm: 'SOCKET', htu: publicUrl })).to.equal('proof_invalid');
    expect(await rowOf(grant.sid)).to.include({ gen: 1, revoked: false });
    expect(await at({ htu: `${publicUrl}/oauth/token?x=1` })).to.equal('done');
  });

  it('are not checked with an invalid credential', async () => {
    expect(await codeOf(rotate('x.y.z', 'x.y.z'))).to.equal('token_invalid');
    expect(await codeOf(fixture.flows.exchange(asked('x.y.z', { proof: 'x.y.z' }), endpoint))).to.equal(
      'token_invalid',
    );
  });

  describe('with an access token', () => {
    const path = '/me?x=1';
    const made = (token: string, claims: object = {}, by = maker) =>
      by.make({ htm: 'GET', htu: `${publicUrl}/me`, ath: hashOf(token), ...claims });
    const show = (token: string, proof: string | undefined, scheme: 'Bearer' | 'DPoP' = 'DPoP') =>
      codeOf(fixture.flows.authenticate(token, { scheme, proof, method: 'GET', path }));

    it('are required for a bound token, with every claim valid', async () => {
      const { accessToken: token } = await enter();
      expect(await show(token, await made(token))).to.equal('done');
      expect(await show(token, await made(token, { nonce: fixture.domain.proofs.nonce(), iat: 5 }))).to.equal('done');
      expect(await show(token, undefined)).to.equal('proof_required');
      expect(await show(token, await made(token), 'Bearer')).to.equal('proof_required');
      expect(await show(token, await made(token, {}, thief))).to.equal('proof_invalid');
      for (const claims of [
        { htm: 'POST' },
        { htu: `${publicUrl}/sessions` },
        { ath: hashOf('x') },
        { ath: undefined },
      ])
        expect(await show(token, await made(token, claims)), JSON.stringify(claims)).to.equal('proof_invalid');
      expect(await show(token, await made(token, { iat: 5 }))).to.equal('use_dpop_nonce');
      const proof = await made(token);
      expect([await show(token, proof), await show(token, proof)]).to.deep.equal(['done', 'proof_invalid']);
    });

    it('are refused for an unbound token', async () => {
      const { grant } = await fixture.enter();
      expect(await show(grant.accessToken, await made(grant.accessToken))).to.equal('unauthenticated');
      expect(await show(grant.accessToken, undefined, 'Bearer')).to.equal('done');
    });
  });

  describe('over a backend', () => {
    let flows: BackendFlows;
    let registered: Backend;
    let free: Backend;

    beforeEach(async () => {
      const { domain, config } = fixture;
      const { causes, log, mail, links } = fixture.context;
      const hooks = createHooks({}, { clock, onFailure: () => {} });
      const onError = (error: unknown) => void fixture.errors.push(error);
      flows = createBackendFlows({
        ...domain,
        hooks,
        causes,
        log,
        mail,
        links,
        clock,
        db: database().db,
        config,
        onError,
      });
      const create = (name: string, origins: string[]) => domain.backends.create(database().db, { name, origins });
      registered = (await create('bank', ['https://bank.test', 'https://sockets.bank.test'])).backend;
      free = (await create('free', [])).backend;
    });

    const presence = { markRelayed() {} } as never;
    const relayed = async (backend: Backend, token: string, claims: object, from: Partial<Client> = {}) =>
      codeOf(
        flows.exchange(
          { backend, presence },
          {
            ...asked(token, { peer: { ...bank, ...from } }),
            proof: await onSocket(token, { nonce: 'bank-1', htu: 'https://bank.test', ...claims }),
          },
        ),
      );

    it('have to name one of its registered origins, whatever origin it reports', async () => {
      const { token } = await enter();
      expect(await relayed(registered, token, { htu: publicUrl })).to.equal('proof_invalid');
      const others = { htu: 'https://shop.test' };
      expect(await relayed(registered, token, others, { socketOrigin: 'https://shop.test' })).to.equal('proof_invalid');
      expect(await relayed(registered, token, { nonce: 'c1' })).to.equal('proof_invalid');
      expect(await relayed(registered, token, { htu: 'https://sockets.bank.test/' })).to.equal('done');
    });

    it('may name the origin that it reports when a registered wildcard matches it', async () => {
      const origins = ['https://*.preview.test'];
      const { backend } = await fixture.domain.backends.create(database().db, { name: 'preview', origins });
      const { token } = await enter();
      const show = (htu: string, socketOrigin: string) =>
        relayed(backend, token, { htu }, { origin: 'https://a.preview.test', socketOrigin });
      expect(await show('https://preview.test', 'https://preview.test')).to.equal('proof_invalid');
      expect(await show('https://a.b.preview.test', 'https://a.b.preview.test')).to.equal('proof_invalid');
      expect(await show('https://b.preview.test', 'https://a.preview.test')).to.equal('proof_invalid');
      expect(await show('https://a.preview.test', 'http://a.preview.test')).to.equal('done');
    });

    it('have to name the origin that it reports when none is registered', async () => {
      const { token, sid } = await enter();
      expect(await relayed(free, token, { htu: 'https://shop.test' })).to.equal('proof_invalid');
      expect(await relayed(free, token, {}, { socketOrigin: undefined })).to.equal('proof_invalid');
      expect(await rowOf(sid)).to.include({ gen: 1 });
      expect(await relayed(free, token, {})).to.equal('done');
    });

    it('may name https when the backend behind a proxy reports http', async () => {
      const { token } = await enter();
      const behind = { socketOrigin: 'http://bank.test' };
      expect(await relayed(free, token, { htu: 'https://other.test' }, behind)).to.equal('proof_invalid');
      expect(await relayed(free, token, { htu: 'https://bank.test' }, behind)).to.equal('done');
    });

    it('are returned by introspection', async () => {
      const { token, accessToken } = await enter();
      const cnf = { jkt: maker.jkt };
      expect(await flows.introspect(free, accessToken)).to.deep.include({ active: true, token_type: 'DPoP', cnf });
      expect(await flows.introspect(free, token)).to.deep.include({ active: true, cnf });
      const { grant } = await fixture.enter();
      const plain = await flows.introspect(free, grant.accessToken);
      expect(plain).to.include({ active: true, token_type: 'Bearer' }).and.not.have.property('cnf');
    });
  });
});
