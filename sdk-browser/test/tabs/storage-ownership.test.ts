import { expect } from 'chai';
import { waitFor } from '../../../test-kit/wait-for.ts';
import type { TokenStorage } from '../../src/platform/storage.ts';
import { createTimers } from '../../src/platform/timers.ts';
import { createClaimStorage, type StorageOwnership } from '../../src/tabs/storage-ownership.ts';
import { createMemoryStorage } from '../../src/tokens/storage-adapter.ts';
import { createTabStorage } from '../../src/tokens/tab-storage.ts';

const real = createTimers();
const quick = { now: real.now, after: (ms: number, run: () => void) => real.after(ms / 10, run) };
const prefix = 'latchkey:id.example.com:';
let pages = 0;

describe('createClaimStorage', () => {
  const without = () => createClaimStorage(() => undefined);
  const name = () => {
    pages += 1;
    return `tab${pages}`;
  };

  it('is owned by the page when no other page answers, and stays so', async () => {
    const [claim, where] = [without(), name()];
    expect(await claim(where, 'a', createMemoryStorage(), quick)).to.equal('own');
    expect(await claim(where, 'a', createMemoryStorage(), quick)).to.equal('own');
  });
  it('is a copy, or shared, while its owner exists', async () => {
    const [where, storage] = [name(), createMemoryStorage()];
    await without()(where, 'a', storage, quick);
    expect(await without()(where, 'a', createMemoryStorage(), quick)).to.equal('copy');
    expect(await without()(where, 'a', storage, quick)).to.equal('shared');
    expect(storage.length).to.equal(0);
  });
  it('is shared for a frame that asks before the page has the result', async () => {
    const [where, storage] = [name(), createMemoryStorage()];
    let grant = (): void => {};
    const request = async (_name: string, { signal }: LockOptions, run: () => Promise<void>) => {
      grant = () => signal?.aborted || run();
    };
    const page = createClaimStorage(() => ({ request }) as unknown as LockManager)(where, 'a', storage, quick);
    const own = grant;
    const frame = createClaimStorage(() => ({ request }) as unknown as LockManager)(where, 'a', storage, quick);
    own();
    expect(await page).to.equal('own');
    expect(await frame).to.equal('shared');
    expect(storage.length).to.equal(0);
  });
  it('is decided by the answer to its own request, not by one to another page', async () => {
    const [where, storage] = [name(), createMemoryStorage()];
    await without()(where, 'a', storage, quick);
    const found = [createMemoryStorage(), storage, createMemoryStorage()].map((of) => without()(where, 'a', of, quick));
    expect(await Promise.all(found)).to.deep.equal(['copy', 'shared', 'copy']);
  });
  it('is unknown while a page without an answer holds the lock', async () => {
    const locks = { request: () => new Promise<never>(() => {}) } as unknown as LockManager;
    expect(await createClaimStorage(() => locks)(name(), 'a', createMemoryStorage(), quick)).to.equal('unknown');
  });
  it('is shared, and then owned by the page, when the page that answered is left', async () => {
    const [where, storage] = [name(), createMemoryStorage()];
    await without()(where, 'a', storage, quick);
    let grant = (): void => {};
    const request = (_name: string, _options: object, run: () => Promise<void>) => {
      grant = run;
      return new Promise<never>(() => {});
    };
    expect(
      await createClaimStorage(() => ({ request }) as unknown as LockManager)(where, 'a', storage, quick),
    ).to.equal('shared');
    const asker = new BroadcastChannel(`${where}:a`);
    const answers: unknown[] = [];
    asker.onmessage = ({ data }: { data: { found?: unknown } }) => answers.push(data.found);
    asker.postMessage({ ask: 'x' });
    await waitFor(() => answers.length === 1);
    grant();
    asker.postMessage({ ask: 'x' });
    await waitFor(() => answers.length === 3);
    asker.close();
  });
  it('is owned by the page as soon as it has the lock', async () => {
    const locks = { request: async (_name: string, _options: object, run: () => Promise<void>) => run() };
    const slow = { now: real.now, after: () => () => {} };
    const claim = createClaimStorage(() => locks as unknown as LockManager);
    expect(await claim(name(), 'a', createMemoryStorage(), slow)).to.equal('own');
  });
});

describe('createTabStorage', () => {
  const token = `${prefix}token`;
  const filled = (): TokenStorage => {
    const storage = createMemoryStorage();
    const entries = { tab: 'a', token: 't1', ended: 's', 'key:s:1:x': 'k', 'redirect:r': '{}' };
    for (const [name, value] of Object.entries(entries)) storage.setItem(prefix + name, value);
    storage.setItem('theme', 'dark');
    return storage;
  };
  const openFound = async (found: StorageOwnership, storage = filled()) => ({
    storage,
    opened: await createTabStorage(quick, async () => found, storage).open(prefix),
  });

  for (const found of ['own', 'shared'] as const) {
    it(`returns the entries when they are ${found}`, async () => {
      const { storage, opened } = await openFound(found);
      expect(opened).to.equal(storage);
      expect(opened.getItem(token)).to.equal('t1');
    });
  }
  it('removes the entries of a copy except for redirects, and creates a new id', async () => {
    const { storage, opened } = await openFound('copy');
    expect(opened).to.equal(storage);
    const names = Array.from({ length: storage.length }, (_, index) => storage.key(index));
    expect(names.sort()).to.deep.equal([`${prefix}redirect:r`, `${prefix}tab`, 'theme']);
    expect(storage.getItem(`${prefix}tab`)).to.match(/^[\w-]{16}$/);
  });
  it('reports a copy, and neither a new nor a reloaded tab', async () => {
    const reports: string[] = [];
    const begun = createMemoryStorage();
    const tabs = { copy: ['copy', filled()], own: ['own', filled()], begun: ['own', begun] } as const;
    for (const [name, [found, storage]] of Object.entries(tabs)) {
      const onCopy = (): void => void reports.push(name);
      await createTabStorage(quick, async () => found, storage, onCopy).open(prefix);
    }
    expect(reports).to.deep.equal(['copy']);
  });
  it('keeps the entries of a service at another port of the host', async () => {
    const storage = filled();
    const others = ['8443:token', '8443/own:token'].map((rest) => prefix + rest);
    for (const other of others) storage.setItem(other, 't2');
    await openFound('copy', storage);
    expect(others.map((other) => storage.getItem(other))).to.deep.equal(['t2', 't2']);
  });
  it('is in memory, and keeps the entries, when their owner is unknown', async () => {
    const { storage, opened } = await openFound('unknown');
    expect(opened.getItem(token)).to.equal(null);
    opened.setItem(token, 't2');
    expect(storage.getItem(token)).to.equal('t1');
  });
  it('is in memory when sessionStorage is missing or fails', async () => {
    const broken: TokenStorage = { ...filled(), getItem: () => JSON.parse('no') };
    for (const storage of [undefined, broken]) {
      const opened = await createTabStorage(quick, async () => 'own', storage).open(prefix);
      opened.setItem(token, 't2');
      expect(opened.getItem(token)).to.equal('t2');
    }
  });
});
