import type { Timers } from '../platform/timers.ts';
import { isKeyPair } from './key-pair.ts';

export interface KeyStoreDeps {
  /** Name of the database. */
  readonly name: string;
  readonly timers: Timers;
  /** Default: that of the platform. The function may throw where pages must not store data. */
  readonly indexedDb?: () => IDBFactory | undefined;
}

const storeName = 'keys';
const entryName = 'proof';
/** Timeout of a request, because some browsers never answer one. */
const requestTimeoutMs = 2_000;

/**
 * Settles as `start` does, or rejects after the timeout. A result that comes after the timeout is passed to `discard`.
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

/** Creates the store of one database, which is opened for each operation. */
export function createKeyStore({ name, timers, indexedDb = () => globalThis.indexedDB }: KeyStoreDeps) {
  /** Opens the database. Without `version` it opens the present version, or version 1. */
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
  /** Opens the database. If it lacks the store, because its creation was interrupted, the next version creates it. */
  const open = async (): Promise<IDBDatabase> => {
    const database = await openAt();
    if (hasStore(database)) return database;
    database.close();
    return openAt(database.version + 1);
  };
  /** Runs `act` in one transaction, so that no other tab writes between its read and its write. */
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
    /** Resolves with the stored pair, or `undefined` if there is none. Rejects when the database cannot be read. */
    find: () => within('readonly', (_keys, found) => (isKeyPair(found) ? found : undefined)),
    /** Stores `made` unless another tab was first. Resolves with the stored pair. */
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
