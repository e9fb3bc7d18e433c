import { fail } from '../fail.ts';
import type { Timers } from '../platform/timers.ts';
import type { WarnOnce } from '../platform/warn-once.ts';
import { singleFlight } from '../refresh/single-flight.ts';
import type { OpenedStorage, SessionOptions, StorageProvider, TokenStorage } from '../session.ts';
import { createMemoryStorage, findWebStorage } from './storage-adapter.ts';
import { createTabStorage } from './tab-storage.ts';

/** Where a session keeps its token. */
export interface StorageLocation {
  /** Nothing where the browser has none, or forbids it. */
  readonly storage: TokenStorage | undefined;
  /** The tabs of the browser share it, so that one of them works for all, and each notifies the others. */
  readonly isShared: boolean;
  /**
   * Opens the storage; nothing when it is open. Rejects with `unavailable`, and is tried again by the next call. Before that the
   * storage is empty, and must not be written.
   */
  ensureOpen(): Promise<void> | undefined;
  /** Resolves when everything is written, or after `timeoutMs`. Absent where a write is done when it returns. */
  flush?(patienceMs?: number): Promise<void>;
}

const alreadyOpen = (): undefined => undefined;

/** Entries of Web Storage are properties of it, so that one may be called `open`, too. */
function isStorageProvider(storage: SessionOptions['storage']): storage is StorageProvider {
  return typeof (storage as StorageProvider | undefined)?.open === 'function';
}

/** Web Storage answers at once, and can be listed. Others, such as AsyncStorage of React Native, answer with promises. */
function assertStorage(storage: TokenStorage): void {
  if (typeof storage.key === 'function' && typeof storage.length === 'number') return;
  const sentence =
    'storage has to be like localStorage: getItem, setItem, removeItem, key and length, none with a promise';
  throw new TypeError(`${sentence}. Use createAsyncStorage of @latchkey/sdk-browser/async-storage for others.`);
}

function createProvidedLocation(provider: StorageProvider, prefix: string, timers: Timers): StorageLocation {
  let current: OpenedStorage = createMemoryStorage();
  let isOpen = false;
  const opening = singleFlight(async () => {
    try {
      current = await provider.open(prefix);
      isOpen = true;
    } catch (cause) {
      throw fail('unavailable', { message: 'The storage cannot be read.', cause });
    }
  });
  return Object.freeze<StorageLocation>({
    storage: Object.freeze({
      get length() {
        return current.length;
      },
      key: (index: number) => current.key(index),
      getItem: (name: string) => current.getItem(name),
      setItem: (name: string, value: string) => current.setItem(name, value),
      removeItem: (name: string) => current.removeItem(name),
    }),
    isShared: false,
    ensureOpen: () => (isOpen ? undefined : opening()),
    async flush(patienceMs) {
      const written = current.flush?.();
      if (patienceMs === undefined || written === undefined) return written;
      let cancel = (): void => {};
      const provider = new Promise<void>((resolve) => {
        cancel = timers.after(patienceMs, resolve);
      });
      await Promise.race([written, provider]).finally(cancel);
    },
  });
}

const persistences: readonly unknown[] = ['local', 'tab', 'memory', undefined];

const duplicateTabWarning =
  "this tab is a duplicate, and begins signed out: persistence 'tab' is of one tab. With 'local' all tabs share a sign-in.";

/** @throws TypeError for a `storage` that is of no use, and for one beside a `persistence` */
export function resolveStorageLocation(
  options: SessionOptions,
  prefix: string,
  timers: Timers,
  warnOnce?: WarnOnce,
): StorageLocation {
  const { storage, persistence } = options;
  if (storage !== undefined && persistence !== undefined) throw new TypeError('Use storage or persistence, not both.');
  if (!persistences.includes(persistence)) throw new TypeError("persistence has to be 'local', 'tab' or 'memory'.");
  if (isStorageProvider(storage)) return createProvidedLocation(storage, prefix, timers);
  if (storage !== undefined) assertStorage(storage);
  if (persistence === 'tab') {
    const onCopy = (): void => warnOnce?.('duplicate', duplicateTabWarning);
    return createProvidedLocation(createTabStorage(timers, undefined, undefined, onCopy), prefix, timers);
  }
  if (persistence === 'memory') return { storage: createMemoryStorage(), isShared: false, ensureOpen: alreadyOpen };
  return { storage: storage ?? findWebStorage('localStorage'), isShared: true, ensureOpen: alreadyOpen };
}
