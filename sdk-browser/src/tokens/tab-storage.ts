import { randomBase64url } from '../platform/random.ts';
import type { StorageProvider, TokenStorage } from '../platform/storage.ts';
import type { Timers } from '../platform/timers.ts';
import { type ClaimStorage, claimTabStorage } from '../tabs/storage-ownership.ts';
import { createMemoryStorage, findWebStorage, namesOf } from './storage-adapter.ts';

const idBytes = 12;

/** Removes entries copied from another tab, whose token would look stolen when both present it. Keeps redirect attempts. */
function dropCopy(storage: TokenStorage, prefix: string): void {
  for (const name of namesOf(storage)) if (isDropped(name, prefix)) storage.removeItem(name);
}

/** True for an entry to remove. After the prefix, a digit is the port of another service: `latchkey:host:8443:`. */
function isDropped(name: string, prefix: string): boolean {
  return name.startsWith(prefix) && !/^(redirect:|\d)/.test(name.slice(prefix.length));
}

/**
 * Creates a storage on `sessionStorage`: it belongs to one tab, across reloads, until the tab is closed. A duplicated tab starts
 * with a copy, which is removed, and `onCopy` is called. A frame of the same origin shares the storage with its page. The storage
 * is in memory where `sessionStorage` is missing or forbidden, and where it is unknown whether it is a copy.
 */
export function createTabStorage(
  timers: Timers,
  claim: ClaimStorage = claimTabStorage,
  storage = findWebStorage('sessionStorage'),
  onCopy = (): void => {},
): StorageProvider {
  const open = async (prefix: string): Promise<TokenStorage> => {
    if (storage === undefined) return createMemoryStorage();
    const name = `${prefix}tab`;
    const id = storage.getItem(name);
    const found = id === null ? 'copy' : await claim(name, id, storage, timers);
    if (found === 'unknown') return createMemoryStorage();
    if (found !== 'copy') return storage;
    if (id !== null) onCopy();
    dropCopy(storage, prefix);
    const own = randomBase64url(idBytes);
    storage.setItem(name, own);
    await claim(name, own, storage, timers);
    return storage;
  };
  return Object.freeze({ open: (prefix: string) => open(prefix).catch(createMemoryStorage) });
}
