import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { createPkce } from '../../src/auth/pkce.ts';

describe('createPkce', () => {
  it('creates a verifier of 32 random bytes and its S256 challenge', async () => {
    const { verifier, challenge } = await createPkce();
    expect(Buffer.from(verifier, 'base64url')).to.have.length(32);
    expect(challenge).to.equal(createHash('sha256').update(verifier).digest('base64url'));
    expect((await createPkce()).verifier).not.to.equal(verifier);
  });
  it('creates the same challenge without WebCrypto', async () => {
    const there = Object.getOwnPropertyDescriptor(globalThis, 'crypto') as PropertyDescriptor;
    const getRandomValues = crypto.getRandomValues.bind(crypto);
    Object.defineProperty(globalThis, 'crypto', { value: { getRandomValues }, configurable: true });
    const { verifier, challenge } = await createPkce().finally(() =>
      Object.defineProperty(globalThis, 'crypto', there),
    );
    expect(challenge).to.equal(createHash('sha256').update(verifier).digest('base64url'));
  });
});
