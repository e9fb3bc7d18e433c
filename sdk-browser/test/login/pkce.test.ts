import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { createPkce } from '../../src/login/pkce.ts';

describe('createPkce', () => {
  it('makes 32 random bytes and their S256 challenge', async () => {
    const { verifier, challenge } = await createPkce();
    expect(Buffer.from(verifier, 'base64url')).to.have.length(32);
    expect(challenge).to.equal(createHash('sha256').update(verifier).digest('base64url'));
    expect((await createPkce()).verifier).not.to.equal(verifier);
  });
  it('says what to do where WebCrypto is missing', async () => {
    const cause = await createPkce(null as unknown as undefined).catch((why: unknown) => why);
    expect(cause).to.be.instanceOf(TypeError);
  });
});
