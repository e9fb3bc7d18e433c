import { randomBase64url } from '../platform/random.ts';
import type { Timers } from '../platform/timers.ts';
import type { StorageProvider, TokenStorage } from '../session.ts';
import { type ClaimStorage, claimTabStorage } from '../tab/storage-ownership.ts';
import { createMemoryStorage, findWebStorage, namesOf } from './storage-adapter.ts';

const idBytes = 12;

/** A copy of another tab's entries: its token would be replaced there, and look stolen here. Redirects are left alone. */
function dropCopy(storage: TokenStorage, prefix: string): void {
  for (const name of namesOf(storage)) if (isDropped(name, prefix)) storage.removeItem(name);
}

/** What follows the prefix begins with a port in the entries of another service: `latchkey:host:` and `latchkey:host:8443:`. */
function isDropped(name: string, prefix: string): boolean {
  return name.startsWith(prefix) && !/^(redirect:|\d)/.test(name.slice(prefix.length));
}

/**
 * `sessionStorage`: one tab's, across reloads, until it is closed. A duplicated tab begins with a copy of it, which it drops. A
 * frame of the same origin shares it with its page. In memory where it is missing or forbidden, or where it is unknown whether
 * it is a copy. `onCopy` is called when a copy was dropped.
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
