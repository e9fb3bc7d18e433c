import { createSecretKey, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { generateSigningKeyPair, type SigningKeyPair } from '../../../src/domain/key/key.ts';
import { unwrapKey, wrapKey } from '../../../src/domain/key/key-wrap.ts';

describe('wrapKey and unwrapKey', () => {
  const secret = createSecretKey(randomBytes(32));
  const wrap = { currentKid: 'one', key: (kid: string) => (kid === 'one' ? secret : undefined) };
  let pair: SigningKeyPair;
  before(async () => {
    pair = await generateSigningKeyPair();
  });

  it('return the key, wrapped in different bytes each time', () => {
    const [one, two] = [wrapKey(wrap, pair.kid, pair.privateKey), wrapKey(wrap, pair.kid, pair.privateKey)];
    expect(one.bytes.equals(two.bytes)).to.equal(false);
    expect(unwrapKey(wrap, pair.kid, one)!.equals(pair.privateKey)).to.equal(true);
  });

  it('contain no part of the private key in clear', () => {
    const d = Buffer.from(pair.privateKey.export({ format: 'jwk' }).d!, 'base64url');
    expect(wrapKey(wrap, pair.kid, pair.privateKey).bytes.includes(d)).to.equal(false);
  });

  it('reject another kid, another secret, a missing secret, and every changed byte', () => {
    const wrapped = wrapKey(wrap, pair.kid, pair.privateKey);
    const other = { currentKid: 'one', key: () => createSecretKey(randomBytes(32)) };
    expect(unwrapKey(wrap, 'other', wrapped)).to.equal(undefined);
    expect(unwrapKey(other, pair.kid, wrapped)).to.equal(undefined);
    expect(unwrapKey(wrap, pair.kid, { ...wrapped, wrapKid: 'two' })).to.equal(undefined);
    for (let at = 0; at < wrapped.bytes.length; at++) {
      const bytes = Buffer.from(wrapped.bytes);
      bytes[at]! ^= 1;
      expect(unwrapKey(wrap, pair.kid, { ...wrapped, bytes }), `byte ${at}`).to.equal(undefined);
    }
    for (const length of [0, 12, 28, wrapped.bytes.length - 1])
      expect(unwrapKey(wrap, pair.kid, { ...wrapped, bytes: wrapped.bytes.subarray(0, length) })).to.equal(undefined);
  });
});
