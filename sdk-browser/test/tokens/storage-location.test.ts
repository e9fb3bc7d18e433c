import { expect } from 'chai';
import { createSession, type Persistence, type SessionOptions } from '../../src/index.ts';
import { createMemoryStorage } from '../../src/tokens/storage-adapter.ts';

const url = 'https://id.example.com';

describe('createSession with a storage location', () => {
  const wrong: [string, Partial<SessionOptions>, string][] = [
    ['a persistence that does not exist', { persistence: 'session' as Persistence }, "'local', 'tab' or 'memory'"],
    ['a storage beside a persistence', { persistence: 'tab', storage: createMemoryStorage() }, 'not both'],
    ['a storage that cannot be listed', { storage: { getItem: () => null } as unknown as Storage }, 'getItem, setItem'],
    [
      'a storage whose length is a promise',
      { storage: { key: () => null, length: Promise.resolve(0) } as never },
      'async-storage',
    ],
  ];
  for (const [name, options, sentence] of wrong) {
    it(`throws for ${name}`, () => {
      expect(() => createSession({ url, ...options })).to.throw(TypeError, sentence);
    });
  }
  it('is signed out outside a browser, for every location', async () => {
    for (const persistence of ['local', 'tab', 'memory'] as const) {
      const session = createSession({ url, persistence });
      expect(session.state).to.deep.equal({ status: 'signed_out' });
      expect(await session.connect(), persistence).to.deep.equal({ status: 'signed_out' });
      session.close();
    }
  });
});
