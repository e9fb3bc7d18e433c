import { maxCredentialLength } from '@latchkey/contract';
import { expect } from 'chai';
import fc from 'fast-check';
import type { TokenStorage } from '../../src/platform/storage.ts';
import { createMemoryStorage, createStorageAdapter } from '../../src/tokens/storage-adapter.ts';
import { decodeToken, type StoredToken } from '../../src/tokens/token.ts';
import { createTokenStore } from '../../src/tokens/token-store.ts';
import { tokenOf } from '../harness/verdicts.ts';

function held(sid: string, gen: number): StoredToken {
  return decodeToken(tokenOf({ sid, gen, tag: 'A' })) as StoredToken;
}

function setUp() {
  const storage = createMemoryStorage();
  const tab = () => createTokenStore(createStorageAdapter(storage, 'p:'));
  const names = () => Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '').sort();
  return { storage, tab, tokenStore: tab(), names };
}

/** A storage as a page, an extension or another library may have left it: values of any type. */
function storageOf(values: Map<string, unknown>): TokenStorage {
  return {
    get length() {
      return values.size;
    },
    key: (index) => [...values.keys()][index] ?? null,
    getItem: (name) => (values.get(name) ?? null) as string | null,
    setItem: (name, value) => void values.set(name, value),
    removeItem: (name) => void values.delete(name),
  };
}

/** A storage with a quota of characters of names and values, as in a browser. A value that does not grow always fits. */
function cramped(characters: number): TokenStorage {
  const values = new Map<string, string>();
  const used = (): number => [...values].reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return Object.defineProperties(
    {
      ...storageOf(values),
      setItem(name: string, value: string) {
        const more = value.length - (values.get(name) ?? '').length + (values.has(name) ? 0 : name.length);
        if (more > 0 && used() + more > characters) throw new DOMException('full', 'QuotaExceededError');
        values.set(name, value);
      },
    },
    { length: { get: () => values.size } },
  ) as TokenStorage;
}

/** Takes no entry more than it has. */
function fullStorage(entries: Readonly<Record<string, string>>): TokenStorage {
  const values = new Map<string, unknown>(Object.entries(entries));
  const most = values.size;
  const storage = storageOf(values);
  return Object.defineProperties(
    {
      ...storage,
      setItem(name: string, value: string) {
        if (values.size >= most) throw new DOMException('full', 'QuotaExceededError');
        storage.setItem(name, value);
      },
    },
    { length: { get: () => values.size } },
  );
}

describe('createTokenStore', () => {
  it('stores a later generation, and ignores an earlier one', () => {
    const { tokenStore } = setUp();
    expect(tokenStore.store(held('s', 2), { fresh: true })).to.equal('stored');
    expect(tokenStore.store(held('s', 3), { fresh: false })).to.equal('stored');
    expect(tokenStore.store(held('s', 3), { fresh: false })).to.equal('kept');
    expect(tokenStore.store(held('s', 2), { fresh: false })).to.equal('kept');
    expect(tokenStore.read()).to.include({ sid: 's', gen: 3 });
  });
  it('stores a new session only after a redeemed code', () => {
    const { tokenStore } = setUp();
    expect(tokenStore.store(held('s', 5), { fresh: false })).to.equal('foreign');
    expect(tokenStore.read()).to.equal(undefined);
    tokenStore.store(held('s', 5), { fresh: true });
    expect(tokenStore.store(held('x', 9), { fresh: false })).to.equal('foreign');
    expect(tokenStore.store(held('x', 1), { fresh: true })).to.equal('stored');
    expect(tokenStore.read()).to.include({ sid: 'x', gen: 1 });
  });
  it('restores a later token that a concurrent write has replaced', () => {
    const { tokenStore, storage, tab } = setUp();
    tokenStore.store(held('s', 6), { fresh: true });
    storage.setItem('p:token', held('s', 5).token);
    expect(tokenStore.read()?.gen).to.equal(6);
    expect(tab().read()?.gen).to.equal(6);
  });
  it('does not restore a session that another tab has erased or replaced', () => {
    const { tokenStore, tab } = setUp();
    tokenStore.store(held('s', 6), { fresh: true });
    tab().erase('s', 'logout');
    expect(tokenStore.read()).to.equal(undefined);
    tab().store(held('x', 1), { fresh: true });
    expect(tokenStore.read()?.sid).to.equal('x');
  });
  for (const value of ['', 'x', 'a.b.c', '{"token":1}', 'a.eyJzaWQiOjF9.c', 'x'.repeat(5_000)]) {
    it(`quarantines a value that is not a token: ${value.slice(0, 20)}`, () => {
      const { tokenStore, storage } = setUp();
      storage.setItem('p:token', value);
      expect(tokenStore.read()).to.equal(undefined);
      expect(storage.getItem('p:token')).to.equal(null);
      expect(storage.getItem('p:aside')).to.equal(value.slice(0, 4_096));
    });
  }
  it('keeps one quarantined value, the latest', () => {
    const { tokenStore, storage, names } = setUp();
    for (const value of ['first', 'second']) {
      storage.setItem('p:token', value);
      tokenStore.read();
    }
    expect(names()).to.deep.equal(['p:aside']);
    expect(storage.getItem('p:aside')).to.equal('second');
  });
  it('works after invalid values in any entry, of any type', () => {
    const garbage = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '',
        'null',
        '[]',
        '{}',
        '..',
        'a.b.c',
        's nonsense',
        'x'.repeat(100_000),
        '\u0000',
        held('s', 3).token,
      ),
      fc.anything(),
    );
    const entries = fc.dictionary(
      fc.constantFrom('token', 'aside', 'ended', 'key:s:1:a', 'key:s:1:b', 'key:', 'key:s:NaN:x', 'own'),
      garbage,
    );
    fc.assert(
      fc.property(entries, (found) => {
        const values = new Map<string, unknown>(Object.entries(found).map(([name, value]) => [`p:${name}`, value]));
        const tokenStore = createTokenStore(createStorageAdapter(storageOf(values), 'p:'));
        const before = tokenStore.read();
        if (before !== undefined) expect(before).to.include({ sid: 's', gen: 3 });
        expect(tokenStore.getEndReason('s')).to.be.oneOf([undefined, 'logout']);
        const { rotation_key, also_rotation_keys = [] } = tokenStore.rotationKeysFor(held('s', 1));
        for (const sent of [rotation_key, ...also_rotation_keys]) expect(sent).to.match(/^[\w-]{22}$/);
        tokenStore.store(held('s', 9), { fresh: true });
        expect(tokenStore.read()).to.include({ sid: 's', gen: 9 });
        expect(String(values.get('p:aside') ?? '').length).to.be.at.most(
          Math.max(4_096, String(found.aside ?? '').length),
        );
      }),
    );
  });
  it('stores a token of any length that the service accepts', () => {
    const claims = (pad: string) => `e30.${btoa(JSON.stringify({ sid: 's', gen: 1 }))}.${pad}`;
    const longest = claims('x'.repeat(maxCredentialLength - claims('').length));
    expect(decodeToken(longest)).to.include({ sid: 's', gen: 1 });
    expect(decodeToken(`${longest}x`)).to.equal(undefined);
  });
  it('erases only the given session, with its keys, and keeps the reason', () => {
    const { tokenStore, names, tab } = setUp();
    tokenStore.store(held('s', 1), { fresh: true });
    tokenStore.rotationKeysFor(held('s', 1));
    tokenStore.erase('x', 'logout');
    expect(tokenStore.read()?.sid).to.equal('s');
    tokenStore.erase('s', 'idle_timeout');
    expect(names()).to.deep.equal(['p:ended']);
    expect(tab().getEndReason('s')).to.equal('idle_timeout');
    expect(tab().getEndReason('x')).to.equal(undefined);
  });
  it('keeps a copy of a quarantined token', () => {
    const { tokenStore, storage } = setUp();
    tokenStore.store(held('s', 1), { fresh: true });
    tokenStore.quarantine('s', 'token_reused');
    expect(storage.getItem('p:aside')).to.equal(held('s', 1).token);
    expect(tokenStore.getEndReason('s')).to.equal('token_reused');
  });

  describe('rotation keys', () => {
    it('are created once, stored before they are used, and read by the other tabs', () => {
      const { tokenStore, names, tab } = setUp();
      const first = tokenStore.rotationKeysFor(held('s', 1));
      expect(first.rotation_key).to.match(/^[\w-]{22}$/);
      expect(first).not.to.have.property('also_rotation_keys');
      expect(tab().rotationKeysFor(held('s', 1))).to.deep.equal(first);
      expect(names()).to.have.length(1);
    });
    it('differ for each generation and session', () => {
      const { tokenStore } = setUp();
      const keys = [held('s', 1), held('s', 2), held('x', 1)].map(
        (token) => tokenStore.rotationKeysFor(token).rotation_key,
      );
      expect(new Set(keys).size).to.equal(3);
    });
    it('are all sent, at most four in a request', () => {
      const { tokenStore, storage } = setUp();
      const all = Array.from({ length: 7 }, (_, index) => `${'k'.repeat(20)}${index}A`);
      for (const [index, key] of all.entries()) storage.setItem(`p:key:s:1:${index}`, key);
      const seen = new Set<string>();
      for (let attempt = 0; attempt < 4; attempt += 1) {
        const { rotation_key, also_rotation_keys = [] } = tokenStore.rotationKeysFor(held('s', 1));
        expect(also_rotation_keys).to.have.length(3);
        for (const sent of [rotation_key, ...also_rotation_keys]) seen.add(sent);
      }
      expect([...seen].sort()).to.deep.equal(all);
    });
    it('are removed when the generation advances', () => {
      const { tokenStore, names } = setUp();
      tokenStore.store(held('s', 1), { fresh: true });
      tokenStore.rotationKeysFor(held('s', 1));
      tokenStore.rotationKeysFor(held('x', 9));
      tokenStore.store(held('s', 2), { fresh: false });
      expect(names()).to.deep.equal(['p:token']);
    });
    it('are ignored when they are malformed', () => {
      const { tokenStore, storage } = setUp();
      storage.setItem('p:key:s:1:a', 'short');
      expect(tokenStore.rotationKeysFor(held('s', 1)).rotation_key).to.match(/^[\w-]{22}$/);
      expect(storage.getItem('p:key:s:1:a')).to.equal(null);
    });
  });
});

describe('createStorageAdapter', () => {
  it('continues in memory when the storage is full, with its entries', () => {
    const storage = fullStorage({ 'p:a': '1' });
    const shelf = createStorageAdapter(storage, 'p:');
    shelf.set('b', '2');
    expect([shelf.get('a'), shelf.get('b'), shelf.names('')]).to.deep.equal(['1', '2', ['a', 'b']]);
    expect(storage.getItem('p:b')).to.equal(null);
  });
  it('removes the quarantined copy first when the storage is full', () => {
    const storage = fullStorage({ 'p:aside': 'x', 'p:token': 'old' });
    const shelf = createStorageAdapter(storage, 'p:');
    shelf.set('token', 'new');
    expect([storage.getItem('p:token'), storage.getItem('p:aside')]).to.deep.equal(['new', null]);
  });
  it('leaves no replaced token in a full storage, because a later use would count as theft', () => {
    const storage = cramped(1_000);
    const one = createTokenStore(createStorageAdapter(storage, 'p:'));
    one.store(held('s', 9), { fresh: true });
    storage.setItem('own', 'x'.repeat(1_000 - 'p:token'.length - held('s', 9).token.length - 'own'.length));
    const { rotation_key } = one.rotationKeysFor(held('s', 9));
    expect(rotation_key).to.match(/^[\w-]{22}$/);
    expect(one.rotationKeysFor(held('s', 9)).rotation_key).to.equal(rotation_key);
    one.store(held('s', 10), { fresh: false });
    expect(one.read()).to.include({ sid: 's', gen: 10 });
    const other = createTokenStore(createStorageAdapter(storage, 'p:')).read();
    expect(other?.gen ?? 10).to.equal(10);
  });
  it('writes to the storage again when a value fits', () => {
    const storage = cramped(400);
    storage.setItem('own', 'x'.repeat(380));
    const shelf = createStorageAdapter(storage, 'p:');
    shelf.set('token', 'the first of them, too long');
    storage.removeItem('own');
    shelf.set('token', 'second');
    const other = createStorageAdapter(storage, 'p:');
    expect([shelf.get('token'), other.get('token')]).to.deep.equal(['second', 'second']);
    other.remove('token');
    expect(shelf.get('token')).to.equal(undefined);
  });
  for (const verb of ['getItem', 'setItem', 'removeItem', 'key', 'length'] as const) {
    it(`continues in memory when ${verb} throws`, () => {
      const forbidden = createMemoryStorage();
      const storage = new Proxy(forbidden, {
        get(target, name) {
          if (name === 'length' && verb === 'length') throw new Error('forbidden');
          if (name !== verb) return Reflect.get({ ...target, length: target.length }, name);
          return () => {
            throw new Error('forbidden');
          };
        },
      });
      const tokenStore = createTokenStore(createStorageAdapter(storage, 'p:'));
      tokenStore.store(held('s', 1), { fresh: true });
      tokenStore.rotationKeysFor(held('s', 1));
      tokenStore.store(held('s', 2), { fresh: false });
      expect(tokenStore.read()).to.include({ sid: 's', gen: 2 });
      tokenStore.erase('s', 'logout');
      expect([tokenStore.read(), tokenStore.getEndReason('s')]).to.deep.equal([undefined, 'logout']);
    });
  }
  it('lists only names under its prefix', () => {
    const storage = createMemoryStorage();
    storage.setItem('other:a', '1');
    expect(createStorageAdapter(storage, 'p:').names('')).to.deep.equal([]);
  });
});
