import type { TokenStorage } from '../session.ts';

/** A storage in memory; lives as long as the tab. */
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

/** A storage of the browser, or nothing where it is missing or forbidden (reading the property may throw). */
export function findWebStorage(name: 'localStorage' | 'sessionStorage'): TokenStorage | undefined {
  try {
    return globalThis[name] ?? undefined;
  } catch {
    return undefined;
  }
}

/** Entries of one session family: names carry a prefix, and nothing here throws. */
export interface StorageAdapter {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  remove(name: string): void;
  /** Names that begin with `start`, without the prefix, in order. */
  names(start: string): string[];
}

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

/** What can be read; of a storage that cannot be listed at least the token, and why the last session ended. */
function copyInto(target: TokenStorage, source: TokenStorage, prefix: string): void {
  const listed = tryRead(() => namesOf(source)) ?? [];
  for (const name of [`${prefix}token`, `${prefix}ended`, ...listed]) {
    const value: unknown = name.startsWith(prefix) ? tryRead(() => source.getItem(name)) : undefined;
    if (typeof value === 'string') target.setItem(name, value);
  }
}

/**
 * Writes; when the storage is full once more without what was only kept to be looked at, and once more without what is
 * to be replaced. False: it does not fit, and nothing outdated stands there.
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
 * The entries under `prefix`; what is not text is not there. What a full storage does not take stays in memory, in this
 * tab alone. A storage that throws otherwise (privacy settings) is left for good: what it held is copied to memory. `onMemoryOnly` is
 * called when something is kept in memory only.
 */
export function createStorageAdapter(
  storage: TokenStorage | undefined,
  prefix: string,
  onMemoryOnly: () => void = () => {},
): StorageAdapter {
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
    get(name: string) {
      const value: unknown = attempt((at) => at.getItem(prefix + name));
      return typeof value === 'string' ? value : overflow.get(name);
    },
    set(name: string, value: string) {
      if (attempt((at) => write(at, prefix + name, value, `${prefix}aside`))) overflow.delete(name);
      else overflow.set(name, value);
      if (current !== storage || overflow.has(name)) onMemoryOnly();
    },
    remove(name: string) {
      overflow.delete(name);
      attempt((at) => at.removeItem(prefix + name));
    },
    names(start: string) {
      const stored = attempt(namesOf).filter((name) => name.startsWith(prefix));
      const all = new Set([...stored.map((name) => name.slice(prefix.length)), ...overflow.keys()]);
      return [...all].filter((name) => name.startsWith(start)).sort();
    },
  });
}
