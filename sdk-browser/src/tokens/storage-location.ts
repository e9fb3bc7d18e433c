import { fail } from '../platform/fail.ts';
import { singleFlight } from '../platform/single-flight.ts';
import type { OpenedStorage, StorageProvider, TokenStorage } from '../platform/storage.ts';
import type { Timers } from '../platform/timers.ts';
import type { WarnOnce } from '../platform/warn-once.ts';
import { createMemoryStorage, findWebStorage } from './storage-adapter.ts';
import { createTabStorage } from './tab-storage.ts';

/**
 * How long a sign-in is kept, and which tabs share it:
 * - `local`   all tabs of the browser, until the session ends
 * - `tab`     one tab, across reloads, until it is closed. A duplicated tab starts signed out
 * - `memory`  one page, until it is closed or reloaded
 */
export type Persistence = 'local' | 'tab' | 'memory';

/** Options of the storage, see `SessionOptions`. */
interface StorageOptions {
  readonly persistence?: Persistence;
  readonly storage?: TokenStorage | StorageProvider;
}

/** The storage of a session. */
interface StorageLocation {
  /** `undefined` where the browser lacks or forbids the storage. */
  readonly storage: TokenStorage | undefined;
  /** True if the tabs of the browser share it. They then elect a leader and notify each other. */
  readonly isShared: boolean;
  /**
   * Opens the storage. Returns `undefined` when it is open already. Rejects with `unavailable`; the next call tries again. Before
   * it is open the storage is empty and must not be written.
   */
  ensureOpen(): Promise<void> | undefined;
  /** Resolves after everything is written, or after `timeoutMs`. Absent where writes are synchronous. */
  flush?(timeoutMs?: number): Promise<void>;
}

const alreadyOpen = (): undefined => undefined;

/** True for a provider. An entry of Web Storage is a property of it and may be called `open`, so the type is checked. */
function isStorageProvider(storage: StorageOptions['storage']): storage is StorageProvider {
  return typeof (storage as StorageProvider | undefined)?.open === 'function';
}

/** Throws `TypeError` for a storage that is not synchronous or cannot be listed, such as AsyncStorage of React Native. */
function assertStorage(storage: TokenStorage): void {
  if (typeof storage.key === 'function' && typeof storage.length === 'number') return;
  const sentence = 'storage has to have the synchronous members getItem, setItem, removeItem, key and length';
  throw new TypeError(
    `${sentence}. For an asynchronous storage use createAsyncStorage of @latchkey/sdk-browser/async-storage.`,
  );
}

function createProvidedLocation(provider: StorageProvider, prefix: string, timers: Timers): StorageLocation {
  let current: OpenedStorage = createMemoryStorage();
  let isOpen = false;
  const opening = singleFlight(async () => {
    try {
      current = await provider.open(prefix);
      isOpen = true;
    } catch (cause) {
      throw fail('unavailable', { message: 'The storage cannot be read. Try again later.', cause });
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
    async flush(timeoutMs) {
      const written = current.flush?.();
      if (timeoutMs === undefined || written === undefined) return written;
      let cancel = (): void => {};
      const timeout = new Promise<void>((resolve) => {
        cancel = timers.after(timeoutMs, resolve);
      });
      await Promise.race([written, timeout]).finally(cancel);
    },
  });
}

const persistences: readonly unknown[] = ['local', 'tab', 'memory', undefined];

const duplicateTabWarning =
  "this tab is a duplicate and starts signed out, because persistence is 'tab'. With 'local' all tabs share a sign-in.";

/**
 * Returns the storage of a session from its options.
 *
 * @throws TypeError for a `storage` without the needed members, for an unknown `persistence`, and for both options together
 */
export function resolveStorageLocation(
  options: StorageOptions,
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
