import type { Timers } from '../platform/timers.ts';
import { isKeyPair } from './key-pair.ts';

/** The one key of a browser for one service, in IndexedDB, where all its tabs find it. */
interface KeyStore {
  /** The stored pair; nothing when there is none, or something else stands there. Rejects when storage cannot be read. */
  find(): Promise<CryptoKeyPair | undefined>;
  /** Stores `made` unless another tab was first; resolves with the pair that stands there now. */
  findOrPut(made: CryptoKeyPair): Promise<CryptoKeyPair>;
}

export interface KeyStoreDeps {
  /** Name of the database. */
  readonly name: string;
  readonly timers: Timers;
  /** Default: the platform's. Reading it may throw, where pages are not allowed to store. */
  readonly indexedDb?: () => IDBFactory | undefined;
}

const storeName = 'keys';
const entryName = 'proof';
/** Some browsers leave a request without any answer. */
const requestTimeoutMs = 2_000;

/**
 * Resolves with what `start` settles, or rejects: a database that does not answer is as good as none. `discard` gets what
 * comes too late.
 */
function withTimeout<Result>(
  timers: Timers,
  start: (resolve: (result: Result) => void, reject: (why?: unknown) => void) => void,
  discard: (result: Result) => void = () => {},
): Promise<Result> {
  return new Promise((resolve, reject) => {
    let take = resolve as (result: Result) => void;
    const cancel = timers.after(requestTimeoutMs, () => {
      take = discard;
      reject(new Error('IndexedDB does not answer.'));
    });
    const after =
      <Value>(settle: (value: Value) => void) =>
      (value: Value): void => {
        cancel();
        settle(value);
      };
    start(
      after((result) => take(result)),
      after(reject),
    );
  });
}

function hasStore(database: IDBDatabase): boolean {
  return database.objectStoreNames.contains(storeName);
}

export function createKeyStore({ name, timers, indexedDb = () => globalThis.indexedDB }: KeyStoreDeps): KeyStore {
  /** Without a version: that which is there, or 1. */
  const openAt = (version?: number): Promise<IDBDatabase> =>
    withTimeout<IDBDatabase>(
      timers,
      (resolve, reject) => {
        const request = indexedDb()?.open(name, version);
        if (request === undefined) return reject(new Error('There is no IndexedDB.'));
        request.onupgradeneeded = () => {
          if (!hasStore(request.result)) request.result.createObjectStore(storeName);
        };
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      },
      (database) => database.close(),
    );
  /** A database of another version, or whose making was cut off, may lack the store, which the next version then has. */
  const open = async (): Promise<IDBDatabase> => {
    const database = await openAt();
    if (hasStore(database)) return database;
    database.close();
    return openAt(database.version + 1);
  };
  /** One transaction: what `act` reads and writes in it, no other tab comes between. */
  const within = async (
    mode: IDBTransactionMode,
    act: (keys: IDBObjectStore, found: unknown) => CryptoKeyPair | undefined,
  ): Promise<CryptoKeyPair | undefined> => {
    const database = await open();
    try {
      return await withTimeout(timers, (resolve, reject) => {
        const transaction = database.transaction(storeName, mode);
        const keys = transaction.objectStore(storeName);
        const request = keys.get(entryName);
        let pair: CryptoKeyPair | undefined;
        request.onsuccess = () => {
          try {
            pair = act(keys, request.result);
          } catch (cause) {
            // Some private windows cannot store keys.
            reject(cause);
          }
        };
        transaction.oncomplete = () => resolve(pair);
        transaction.onabort = () => reject(transaction.error);
      });
    } finally {
      database.close();
    }
  };
  return Object.freeze({
    find: () => within('readonly', (_keys, found) => (isKeyPair(found) ? found : undefined)),
    async findOrPut(made: CryptoKeyPair) {
      const stored = await within('readwrite', (keys, found) => {
        if (isKeyPair(found)) return found;
        keys.put(made, entryName);
        return made;
      });
      return stored ?? made;
    },
  });
}
