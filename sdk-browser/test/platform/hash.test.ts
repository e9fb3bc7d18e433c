import { createHash } from 'node:crypto';
import { Failure } from '@latchkey/contract';
import { expect } from 'chai';
import { sha256Base64url } from '../../src/platform/hash.ts';

const texts = ['', 'abc', 'grüße €', 'x'.repeat(55), 'x'.repeat(56), 'x'.repeat(64), 'x'.repeat(1_000)];

describe('sha256Base64url', () => {
  for (const [where, subtle] of [
    ['with WebCrypto', crypto.subtle],
    ['without it', undefined],
  ] as const) {
    it(`is SHA-256 of the text, ${where}`, async () => {
      for (const text of texts) {
        expect(await sha256Base64url(text, subtle), text).to.equal(
          createHash('sha256').update(text).digest('base64url'),
        );
      }
    });
  }
  it('loads no library where WebCrypto exists', async () => {
    const load = () => Promise.reject(new Error('asked'));
    expect(await sha256Base64url('abc', crypto.subtle, load)).to.have.length(43);
  });
  it('is unavailable when the library cannot be loaded', async () => {
    const gone = new TypeError('Failed to fetch dynamically imported module');
    const cause: unknown = await sha256Base64url('abc', undefined, () => Promise.reject(gone)).catch(
      (why: unknown) => why,
    );
    expect(cause).to.be.instanceOf(Failure).that.includes({ code: 'unavailable', cause: gone });
  });
});
