import { createSecretKey, randomBytes } from 'node:crypto';
import { Failure } from '@latchkey/contract';
import { expect } from 'chai';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { address, createProofMaker, hashOf, type ProofMaker } from '../../../test-kit/client/proof-maker.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { ProofTarget } from '../../src/proof/check-proof-claims.ts';
import { createProofs, type Proofs } from '../../src/proof/proofs.ts';

const token = 'an-access-token';
const resource: ProofTarget = { htm: 'GET', htu: [address], credential: token };
const endpoint: ProofTarget = { htm: 'POST', htu: ['https://id.test/oauth/token'], needsNonce: true };
const socket: ProofTarget = { htm: 'SOCKET', htu: ['https://api.test'], credential: token, connectionId: 'engine-1' };

const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('createProofs', () => {
  let maker: ProofMaker;
  let proofs: Proofs;
  let clock: Clock & { aheadMs: number };

  before(async () => {
    maker = await createProofMaker();
  });
  beforeEach(() => {
    clock = movable();
    proofs = createProofs({ clock });
  });

  function movable(): typeof clock {
    const moved = {
      aheadMs: 0,
      now: () => Date.now() + moved.aheadMs,
      monotonic: () => performance.now() + moved.aheadMs,
    };
    return Object.assign(moved, { after: () => () => {} });
  }

  const bound = (claims: object = {}, header: object = {}) => maker.make({ ath: hashOf(token), ...claims }, header);
  const onSocket = (claims: object = {}) =>
    bound({ htm: 'SOCKET', htu: 'https://api.test', nonce: 'engine-1', ...claims });
  const atEndpoint = (claims: object = {}) => maker.make({ htm: 'POST', htu: endpoint.htu[0], ...claims });

  async function said(proof: Promise<string> | string, target: ProofTarget = resource): Promise<string> {
    return proofs.check(await proof, target).then(
      (jkt) => (jkt === maker.jkt ? 'good' : 'another key'),
      (error: unknown) => (error instanceof Failure ? error.code : `broken: ${error}`),
    );
  }

  it('returns the thumbprint of a valid proof’s key', async () => {
    expect(await proofs.check(await bound(), resource)).equal(maker.jkt);
    expect(await proofs.check(await onSocket(), socket)).equal(maker.jkt);
    const other = await createProofMaker();
    expect(await said(other.make({ ath: hashOf(token) }))).equal('another key');
  });

  it('compares htu without query and fragment, after normalisation', async () => {
    for (const htu of [`${address}?page=2#x`, 'HTTPS://API.test:443/a/../things', 'https://api.test/%74hings'])
      expect(await said(bound({ htu })), htu).equal('good');
    for (const htu of ['https://api.test/other', 'http://api.test/things', `${address}/`, 'https://u@api.test/things'])
      expect(await said(bound({ htu })), htu).equal('proof_invalid');
    for (const htu of ['things', 'ws://api.test/things', 'https://', '\0', ''])
      expect(await said(bound({ htu })), htu).equal('proof_invalid');
  });

  const wrongClaims: Record<string, object> = {
    'another method': { htm: 'POST' },
    'the method in lower case': { htm: 'get' },
    'another token': { ath: hashOf('another') },
    'no hash of the token': { ath: undefined },
    'no method': { htm: undefined },
    'no address': { htu: undefined },
    'no time': { iat: undefined },
    'no id': { jti: undefined },
    'an empty id': { jti: '' },
    'an id too long': { jti: 'x'.repeat(257) },
    'a time that is text': { iat: '1' },
    'a time before all time': { iat: -1 },
    'an address that is a list': { htu: [address] },
    'a nonce that is a number': { nonce: 5 },
    'an address that is too long': { htu: `https://api.test/${'x'.repeat(2_100)}` },
  };
  for (const [name, claims] of Object.entries(wrongClaims))
    it(`refuses ${name}`, async () => {
      expect(await said(bound(claims))).equal('proof_invalid');
    });

  const wrongHeaders: Record<string, () => object | Promise<object>> = {
    'another type': () => ({ typ: 'jwt' }),
    'no type': () => ({ typ: undefined }),
    'no key': () => ({ jwk: undefined }),
    'a key that is text': () => ({ jwk: 'key' }),
    'a private key': async () => ({ jwk: await exportJWK(maker.privateKey) }),
    'a symmetric part beside the key': () => ({ jwk: { ...maker.jwk, k: 'AAAA' } }),
    'a key of another curve': () => ({ jwk: { ...maker.jwk, crv: 'P-384' } }),
    'a point that is not on the curve': () => ({ jwk: { ...maker.jwk, y: maker.jwk.x } }),
    'a coordinate that is too short': () => ({ jwk: { ...maker.jwk, x: 'AAAA' } }),
    "somebody else's key": async () => ({ jwk: (await createProofMaker()).jwk }),
    'a key for encryption': () => ({ jwk: { ...maker.jwk, use: 'enc' } }),
  };
  for (const [name, header] of Object.entries(wrongHeaders))
    it(`refuses ${name}`, async () => {
      expect(await said(bound({}, await header()))).equal('proof_invalid');
    });

  it('checks every claim also for a key that it has seen before', async () => {
    const proof = await bound();
    expect(await said(proof)).equal('good');
    for (const [name, header] of Object.entries(wrongHeaders))
      expect(await said(bound({}, await header())), name).equal('proof_invalid');
    for (const [name, claims] of Object.entries(wrongClaims))
      expect(await said(bound(claims)), name).equal('proof_invalid');
    const [header, payload] = proof.split('.') as [string, string];
    const [, , signature] = (await bound()).split('.') as [string, string, string];
    expect(await said(`${header}.${payload}.${signature}`)).equal('proof_invalid');
    const thief = await createProofMaker();
    expect(await said(thief.make({ ath: hashOf(token) }, { jwk: maker.jwk }))).equal('proof_invalid');
    expect(await said(bound())).equal('good');
  });

  it('refuses any algorithm but ES256, also none', async () => {
    const claims = { jti: 'j', htm: 'GET', htu: address, iat: Math.floor(Date.now() / 1_000), ath: hashOf(token) };
    const header = { typ: 'dpop+jwt', jwk: maker.jwk };
    for (const alg of ['none', 'None', 'HS256', 'RS256']) {
      expect(await said(`${b64({ ...header, alg })}.${b64(claims)}.`), alg).equal('proof_invalid');
      expect(await said(`${b64({ ...header, alg })}.${b64(claims)}.AAAA`), alg).equal('proof_invalid');
    }
    for (const alg of ['ES384', 'RS256', 'EdDSA']) {
      const { publicKey, privateKey } = await generateKeyPair(alg);
      const jwk = await exportJWK(publicKey);
      const proof = new SignJWT(claims).setProtectedHeader({ typ: 'dpop+jwt', alg, jwk }).sign(privateKey);
      expect(await said(proof), alg).equal('proof_invalid');
    }
  });

  it('refuses critical headers, malformed text and proofs above the maximum length', async () => {
    const [header, payload, signature] = (await bound()).split('.') as [string, string, string];
    const garbage = [
      '',
      '.',
      '..',
      '...',
      'x.y.z',
      'é\0'.repeat(40),
      `${header}.${payload}`,
      `${header}.${payload}.`,
      `${header}.${b64({ jti: 1 })}.${signature}`,
      `${header}.${payload}.${signature}x`,
      `${header}.${payload}.${signature}, ${header}.${payload}.${signature}`,
      `${b64(null)}.${payload}.${signature}`,
      `${b64([])}.${payload}.${signature}`,
      `${'['.repeat(2_000)}.${payload}.${signature}`,
    ];
    for (const proof of garbage) expect(await said(proof), proof.slice(0, 40)).equal('proof_invalid');
    const critical = { typ: 'dpop+jwt', alg: 'ES256', jwk: maker.jwk, crit: ['b64'], b64: true };
    expect(await said(bound({}, critical))).equal('proof_invalid');
    expect(await said(bound({ more: 'x'.repeat(2_800) }))).equal('proof_invalid');
    expect(await said(bound({ more: 'x'.repeat(500) }))).equal('good');
  });

  it('accepts a proof once', async () => {
    const proof = await bound();
    expect([await said(proof), await said(proof)]).eql(['good', 'proof_invalid']);
    expect(await said(bound({ jti: 'same' }))).equal('good');
    expect(await said(bound({ jti: 'same', more: 1 })), 'an id used before').equal('proof_invalid');
  });

  it('accepts one of two copies of a proof that arrive at once', async () => {
    const proof = await bound();
    const both = await Promise.all([said(proof), said(proof)]);
    expect(both.sort()).eql(['good', 'proof_invalid']);
  });

  it('does not remember a refused proof as used', async () => {
    const proof = await bound();
    expect(await said(proof, { ...resource, htm: 'POST' })).equal('proof_invalid');
    expect(await said(proof)).equal('good');
  });

  it('requires a nonce when iat is too far off, and then ignores iat', async () => {
    for (const off of [-61, 62, -86_400, 7_200]) {
      const iat = Math.floor(clock.now() / 1_000) + off;
      expect(await said(bound({ iat })), `${off}`).equal('use_dpop_nonce');
      expect(await said(bound({ iat, nonce: proofs.nonce() })), `${off}`).equal('good');
    }
    for (const off of [-58, 58]) expect(await said(bound({ iat: Date.now() / 1_000 + off }))).equal('good');
  });

  it('requires a nonce at the token endpoint, also with a fresh iat', async () => {
    expect(await said(atEndpoint(), endpoint)).equal('use_dpop_nonce');
    expect(await said(atEndpoint({ nonce: 'made-up' }), endpoint)).equal('use_dpop_nonce');
    expect(await said(atEndpoint({ nonce: proofs.nonce() }), endpoint)).equal('good');
    expect(await said(atEndpoint({ nonce: proofs.nonce(), htm: 'GET' }), endpoint)).equal('proof_invalid');
  });

  it('accepts a nonce for at least five minutes, and for at most ten', async () => {
    const nonce = proofs.nonce();
    const later = async (ms: number) => {
      clock.aheadMs = ms;
      return said(atEndpoint({ nonce }), endpoint);
    };
    expect(await later(300_000)).equal('good');
    expect(await later(600_000)).equal('use_dpop_nonce');
    expect(proofs.nonce()).not.equal(nonce);
  });

  it('refuses a repeated proof as long as its nonce is valid', async () => {
    const nonce = proofs.nonce();
    const proof = await atEndpoint({ nonce });
    expect(await said(proof, endpoint)).equal('good');
    clock.aheadMs = 299_000;
    expect(await said(proof, endpoint)).equal('proof_invalid');
  });

  it('accepts nonces of other nodes with the same keys, also during a key roll-out', async () => {
    const [old, next] = [randomBytes(32), createSecretKey(randomBytes(32))];
    const made = createProofs({ clock, nonceKeys: [old] }).nonce();
    proofs = createProofs({ clock, nonceKeys: [next, old] });
    expect(await said(atEndpoint({ nonce: made }), endpoint)).equal('good');
    proofs = createProofs({ clock, nonceKeys: [next] });
    expect(await said(atEndpoint({ nonce: made }), endpoint)).equal('use_dpop_nonce');
    proofs = createProofs({ clock });
    expect(await said(atEndpoint({ nonce: made }), endpoint)).equal('use_dpop_nonce');
  });

  describe('with a limit of ten proofs', () => {
    let other: ProofMaker;
    const fill = async (count: number) => {
      for (let shown = 0; shown < count; shown += 1) {
        await proofs.check(await other.make({ ath: hashOf(token), nonce: proofs.nonce() }), resource);
      }
    };

    beforeEach(async () => {
      proofs = createProofs({ clock, maxRemembered: 10 });
      other = await createProofMaker();
    });

    it('refuses a repeated proof after any number of other proofs', async () => {
      const shown = await Promise.all([bound(), bound({ nonce: proofs.nonce() }), bound({ nonce: 'made-up' })]);
      for (const proof of shown) expect(await said(proof)).equal('good');
      for (const count of [1, 8, 12, 30]) {
        await fill(count);
        for (const proof of shown) expect(await said(proof), `${count}`).not.equal('good');
      }
    });

    it('accepts later proofs with the newest nonce, also from clients that were never sent a nonce', async () => {
      const late = await bound({ nonce: proofs.nonce() });
      await fill(11);
      expect(await said(late)).equal('use_dpop_nonce');
      expect(await said(bound())).equal('use_dpop_nonce');
      expect(await said(bound({ nonce: proofs.nonce() }))).equal('good');
      clock.aheadMs = 121_000;
      expect(await said(bound({ iat: Math.floor(clock.now() / 1_000) }))).equal('good');
    });

    it('requires no new nonce while it evicts only expired proofs', async () => {
      await fill(10);
      clock.aheadMs = 901_000;
      const nonce = proofs.nonce();
      await fill(9);
      for (const one of ['good', 'good', 'use_dpop_nonce']) expect(await said(bound({ nonce }))).equal(one);
    });

    it('refuses a repeated proof with the nonce of a node whose clock is ahead', async () => {
      const nonceKeys = [randomBytes(32)];
      const ahead = { ...clock, now: () => Date.now() + 200_000 };
      const nonce = createProofs({ clock: ahead, nonceKeys }).nonce();
      proofs = createProofs({ clock, nonceKeys, maxRemembered: 10 });
      const proof = await bound({ nonce });
      expect(await said(proof)).equal('good');
      await fill(11);
      expect(await said(proof)).equal('use_dpop_nonce');
      expect(await said(bound({ nonce: proofs.nonce() }))).equal('good');
      const sibling = createProofs({ clock, nonceKeys });
      expect(await sibling.check(await bound({ nonce: proofs.nonce() }), resource)).equal(maker.jkt);
    });
  });

  it('accepts on a socket only the nonce of its connection, whatever iat is', async () => {
    expect(await said(onSocket({ iat: 1 }), socket)).equal('good');
    for (const nonce of ['engine-2', proofs.nonce(), undefined])
      expect(await said(onSocket({ nonce }), socket), nonce).equal('proof_invalid');
    expect(await said(onSocket({ htu: 'https://else.test' }), socket)).equal('proof_invalid');
    expect(await said(onSocket({ htm: 'GET' }), socket)).equal('proof_invalid');
    expect(await said(onSocket({ ath: hashOf('another') }), socket)).equal('proof_invalid');
  });
});
