import { sign, verify } from 'node:crypto';
import { jwkThumbprint, toPublicKey } from '@latchkey/core/internal';
import { expect } from 'chai';
import { calculateJwkThumbprint } from 'jose';
import { generateSigningKeyPair, toPublicJwk, toPublicPoint } from '../../../src/domain/key/key.ts';

describe('generateSigningKeyPair', () => {
  it('creates ES256 pairs whose kid is the RFC 7638 thumbprint', async () => {
    const { kid, point, privateKey } = await generateSigningKeyPair();
    expect(kid)
      .to.equal(await calculateJwkThumbprint({ ...point }))
      .and.equal(jwkThumbprint(point));
    const signature = sign('sha256', Buffer.from('x'), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    expect(signature).to.have.length(64);
    const publicKey = toPublicKey(point);
    expect(verify('sha256', Buffer.from('x'), { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)).to.equal(true);
  });

  it('exposes no private key', async () => {
    const pair = await generateSigningKeyPair();
    for (const shown of [pair.point, toPublicPoint(pair.privateKey), toPublicJwk(pair.kid, pair.point)])
      expect(shown).not.to.have.property('d');
    expect(JSON.stringify(pair)).not.to.contain('"d"');
    const careless = { ...pair.point, ...pair.privateKey.export({ format: 'jwk' }) };
    expect(Object.keys(toPublicJwk('kid', careless as never))).to.deep.equal([
      'kty',
      'crv',
      'x',
      'y',
      'kid',
      'alg',
      'use',
    ]);
    expect(toPublicKey(careless as never).type).to.equal('public');
  });
});
