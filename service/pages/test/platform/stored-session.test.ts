import { expect } from 'chai';
import { hasStoredSession } from '../../src/platform/stored-session.ts';
import { createStorage } from '../storage.ts';

function storageWith(...names: string[]): Storage {
  const storage = createStorage();
  for (const name of names) storage.setItem(name, 'value');
  return storage;
}

describe('hasStoredSession', () => {
  it('is true with the token of any tenant', () => {
    for (const name of ['latchkey:id.example:token', 'latchkey:id.example:8443:shop:token'])
      expect(
        hasStoredSession(() => storageWith(name)),
        name,
      ).to.equal(true);
  });

  it('is false after a logout, and with what the sign-in page itself stores', () => {
    const names = ['latchkey:id.example:ended', 'latchkey:sign-in:way:', 'latchkey:mail:sign_in'];
    expect(hasStoredSession(() => storageWith(...names))).to.equal(false);
  });

  it('is false where the browser forbids the storage', () => {
    const forbidden = () => {
      throw new DOMException('denied', 'SecurityError');
    };
    expect(hasStoredSession(forbidden)).to.equal(false);
  });
});
