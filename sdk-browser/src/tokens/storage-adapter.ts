import type { TokenStorage } from '../platform/storage.ts';

/** Creates a storage in memory. */
export function createMemoryStorage(): TokenStorage {
  const entries = new Map<string, string>();
  return Object.freeze({
    get length() {
      return entries.size;
    },
    key: (index: number) => [...entries.keys()][index] ?? null,
    getItem: (name: string) => entries.get(name) ?? null,
    setItem: (name: string, value: string) => void entries.set(name, value),
    removeItem: (name: string) => void entries.delete(name),
  });
}

/** Returns a storage of the browser, or `undefined` where it is missing or forbidden (reading the property may throw). */
export function findWebStorage(name: 'localStorage' | 'sessionStorage'): TokenStorage | undefined {
  try {
    return globalThis[name] ?? undefined;
  } catch {
    return undefined;
  }
}

/** Returns the names of all entries of a storage. */
export function namesOf(storage: TokenStorage): string[] {
  const names: unknown[] = Array.from({ length: storage.length }, (_, index) => storage.key(index));
  return names.filter((name) => typeof name === 'string');
}

function tryRead<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Copies the readable entries. Of a storage that cannot be listed it copies the token and the reason of the last end. */
function copyInto(target: TokenStorage, source: TokenStorage, prefix: string): void {
  const listed = tryRead(() => namesOf(source)) ?? [];
  for (const name of [`${prefix}token`, `${prefix}ended`, ...listed]) {
    const value: unknown = name.startsWith(prefix) ? tryRead(() => source.getItem(name)) : undefined;
    if (typeof value === 'string') target.setItem(name, value);
  }
}

/**
 * Writes an entry. If the storage is full it removes the quarantined copy and tries again, then the old value of the entry.
 * Returns false if the value does not fit. The outdated value is then removed.
 */
function write(storage: TokenStorage, name: string, value: string, quarantineName: string): boolean {
  for (const evictable of [quarantineName, name, undefined]) {
    try {
      storage.setItem(name, value);
      return true;
    } catch {
      if (evictable !== undefined) storage.removeItem(evictable);
    }
  }
  return false;
}

/**
 * Creates the entries under `prefix` of a storage. Values that do not fit into a full storage stay in the memory of this tab. A
 * storage that throws for another reason (privacy settings) is copied to memory and no longer used. `onMemoryOnly` is called when a
 * value is kept in memory only.
 */
export function createStorageAdapter(
  storage: TokenStorage | undefined,
  prefix: string,
  onMemoryOnly: () => void = () => {},
) {
  let current = storage ?? createMemoryStorage();
  const overflow = new Map<string, string>();
  const attempt = <Result>(act: (storage: TokenStorage) => Result): Result => {
    try {
      return act(current);
    } catch {
      const memory = createMemoryStorage();
      copyInto(memory, current, prefix);
      current = memory;
      return act(current);
    }
  };
  return Object.freeze({
    /** Returns a value, or `undefined` if there is no text of that name. */
    get(name: string) {
      const value: unknown = attempt((at) => at.getItem(prefix + name));
      return typeof value === 'string' ? value : overflow.get(name);
    },
    /** Stores a value, in memory if the storage cannot take it. */
    set(name: string, value: string) {
      if (attempt((at) => write(at, prefix + name, value, `${prefix}aside`))) overflow.delete(name);
      else overflow.set(name, value);
      if (current !== storage || overflow.has(name)) onMemoryOnly();
    },
    remove(name: string) {
      overflow.delete(name);
      attempt((at) => at.removeItem(prefix + name));
    },
    /** Returns the names that begin with `start`, sorted. */
    names(start: string) {
      const stored = attempt(namesOf).filter((name) => name.startsWith(prefix));
      const all = new Set([...stored.map((name) => name.slice(prefix.length)), ...overflow.keys()]);
      return [...all].filter((name) => name.startsWith(start)).sort();
    },
  });
}

/** Storage entries of one session. Names are without the prefix. No method throws. */
export type StorageAdapter = ReturnType<typeof createStorageAdapter>;
