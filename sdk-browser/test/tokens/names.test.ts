import { expect } from 'chai';
import { createSession } from '../../src/index.ts';
import { sharedNames } from '../../src/tokens/names.ts';
import { createMemoryStorage } from '../../src/tokens/storage-adapter.ts';

const url = 'https://id.example.com:8443';

describe('sharedNames', () => {
  it('contain only the service without a key and without a tenant', () => {
    const names = { prefix: 'latchkey:id.example.com:8443:', database: 'latchkey:https://id.example.com:8443' };
    expect(sharedNames({ url })).to.deep.equal(names);
    expect(sharedNames({ url, tenant: 'shop', storageKey: '' })).to.deep.equal(names);
  });
  it('contain the key, or the tenant', () => {
    const names = {
      prefix: 'latchkey:id.example.com:8443/shop:',
      database: 'latchkey:https://id.example.com:8443/shop',
    };
    expect(sharedNames({ url, tenant: 'shop' })).to.deep.equal(names);
    expect(sharedNames({ url, tenant: 'office', storageKey: 'shop' })).to.deep.equal(names);
  });
  it('are never a prefix of another session’s names', () => {
    const keys = ['', 'a', 'a:', 'a/b', 'token', 'key', 'key:', 'redirect'];
    const prefixes = keys.map((storageKey) => sharedNames({ url, storageKey }).prefix);
    for (const prefix of prefixes) {
      expect(prefixes.filter((other) => other.startsWith(prefix))).to.deep.equal([prefix]);
    }
  });
});

describe('createSession with a storageKey', () => {
  it('keeps the entries of a session with another key', async () => {
    const storage = createMemoryStorage();
    const token = `e30.${btoa('{"sid":"s1","gen":1}')}.s`;
    for (const own of ['', '/shop']) storage.setItem(`latchkey:id.example.com:8443${own}:token`, token);
    const session = createSession({ url, storage, storageKey: 'office' });
    expect(await session.connect()).to.deep.equal({ status: 'signed_out' });
    session.close();
    expect(storage.length).to.equal(2);
  });
  it('throws for a key that is no text', () => {
    for (const wrong of [7, {}, null]) {
      expect(() => createSession({ url, storageKey: wrong as unknown as string })).to.throw(TypeError, 'storageKey');
    }
  });
});
