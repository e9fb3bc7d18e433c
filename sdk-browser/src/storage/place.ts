import { fail } from '../fail.ts';
import type { Advise } from '../platform/advice.ts';
import type { Timers } from '../platform/timers.ts';
import { oneFlight } from '../refresh/one-flight.ts';
import type { JarStorage, LateStorage, OpenedStorage, SessionOptions } from '../session.ts';
import { createMemoryStorage, findWebStorage } from './storage.ts';
import { createTabStorage } from './tab-storage.ts';

/** Where a session keeps its token. */
export interface Place {
  /** Nothing where the browser has none, or forbids it. */
  readonly storage: JarStorage | undefined;
  /** The tabs of the browser share it, so that one of them works for all, and each notifies the others. */
  readonly isShared: boolean;
  /**
   * Opens the storage; nothing when it is open. Rejects with `unavailable`, and is tried again by the next call. Before that the
   * storage is empty, and must not be written.
   */
  opening(): Promise<void> | undefined;
  /** Resolves when everything is written, or after `patienceMs`. Absent where a write is done when it returns. */
  flush?(patienceMs?: number): Promise<void>;
}

const open = (): undefined => undefined;

/** Entries of Web Storage are properties of it, so that one may be called `open`, too. */
function isLate(storage: SessionOptions['storage']): storage is LateStorage {
  return typeof (storage as LateStorage | undefined)?.open === 'function';
}

/** Web Storage answers at once, and can be listed. Others, such as AsyncStorage of React Native, answer with promises. */
function assertStorage(storage: JarStorage): void {
  if (typeof storage.key === 'function' && typeof storage.length === 'number') return;
  const sentence =
    'storage has to be like localStorage: getItem, setItem, removeItem, key and length, none with a promise';
  throw new TypeError(`${sentence}. Use createAsyncStorage of @latchkey/sdk-browser/async-storage for others.`);
}

function createLatePlace(late: LateStorage, prefix: string, timers: Timers): Place {
  let current: OpenedStorage = createMemoryStorage();
  let isOpen = false;
  const opening = oneFlight(async () => {
    try {
      current = await late.open(prefix);
      isOpen = true;
    } catch (cause) {
      throw fail('unavailable', { message: 'The storage cannot be read.', cause });
    }
  });
  return Object.freeze<Place>({
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
    opening: () => (isOpen ? undefined : opening()),
    async flush(patienceMs) {
      const written = current.flush?.();
      if (patienceMs === undefined || written === undefined) return written;
      let cancel = (): void => {};
      const late = new Promise<void>((resolve) => {
        cancel = timers.after(patienceMs, resolve);
      });
      await Promise.race([written, late]).finally(cancel);
    },
  });
}

const persistences: readonly unknown[] = ['local', 'tab', 'memory', undefined];

const duplicated =
  "this tab is a duplicate, and begins signed out: persistence 'tab' is of one tab. With 'local' all tabs share a sign-in.";

/** @throws TypeError for a `storage` that is of no use, and for one beside a `persistence` */
export function findPlace(options: SessionOptions, prefix: string, timers: Timers, advise?: Advise): Place {
  const { storage, persistence } = options;
  if (storage !== undefined && persistence !== undefined) throw new TypeError('Use storage or persistence, not both.');
  if (!persistences.includes(persistence)) throw new TypeError("persistence has to be 'local', 'tab' or 'memory'.");
  if (isLate(storage)) return createLatePlace(storage, prefix, timers);
  if (storage !== undefined) assertStorage(storage);
  if (persistence === 'tab') {
    const onCopy = (): void => advise?.('duplicate', duplicated);
    return createLatePlace(createTabStorage(timers, undefined, undefined, onCopy), prefix, timers);
  }
  if (persistence === 'memory') return { storage: createMemoryStorage(), isShared: false, opening: open };
  return { storage: storage ?? findWebStorage('localStorage'), isShared: true, opening: open };
}
