import type { OpenedStorage, StorageProvider } from '../platform/storage.ts';
import { createTimers, type Timers } from '../platform/timers.ts';
import { createMemoryStorage } from '../tokens/storage-adapter.ts';
import { createWriteQueue } from './write-queue.ts';

/** A storage whose methods return promises, such as `@react-native-async-storage/async-storage`. */
export interface AsyncStorage {
  getAllKeys(): Promise<readonly string[]>;
  getItem(name: string): Promise<string | null>;
  setItem(name: string, value: string): Promise<unknown>;
  removeItem(name: string): Promise<unknown>;
}

/**
 * Adapts a storage with promises for the option `storage` of `createSession`. The entries are read before the session is first
 * used. Writes are done in order, and repeated until they succeed. A token is presented to the service only after its rotation
 * key is written.
 *
 * Create one for the whole app, because sessions share the entries through it. Two processes, or two tabs, must not share a
 * storage in this way. `timers` are for tests.
 *
 * @example
 * import AsyncStorage from '@react-native-async-storage/async-storage';
 * const storage = createAsyncStorage(AsyncStorage);
 * const session = createSession({ url: 'https://id.example.com', storage });
 */
export function createAsyncStorage(storage: AsyncStorage, timers: Timers = createTimers()): StorageProvider {
  const writes = createWriteQueue(timers);
  const opened = new Map<string, OpenedStorage>();

  const read = async (prefix: string): Promise<OpenedStorage> => {
    const memory = createMemoryStorage();
    const names = (await storage.getAllKeys()).filter((name) => name.startsWith(prefix));
    for (const name of names) {
      const value = await storage.getItem(name);
      if (typeof value === 'string') memory.setItem(name, value);
    }
    return Object.freeze<OpenedStorage>({
      get length() {
        return memory.length;
      },
      key: memory.key,
      getItem: memory.getItem,
      setItem(name, value) {
        memory.setItem(name, value);
        writes.add(() => storage.setItem(name, value));
      },
      removeItem(name) {
        memory.removeItem(name);
        writes.add(() => storage.removeItem(name));
      },
      flush: writes.flush,
    });
  };
  return Object.freeze({
    async open(prefix: string) {
      const entries = opened.get(prefix) ?? (await read(prefix));
      // Another session may have read and changed the entries in the meantime.
      const first = opened.get(prefix) ?? entries;
      opened.set(prefix, first);
      return first;
    },
  });
}
