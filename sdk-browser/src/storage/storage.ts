import type { JarStorage } from '../session.ts';

/** A storage in memory; lives as long as the tab. */
export function createMemoryStorage(): JarStorage {
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

/** The browser's `localStorage`, or nothing where it is missing or forbidden (reading the property may throw). */
export function findLocalStorage(): JarStorage | undefined {
  try {
    return globalThis.localStorage ?? undefined;
  } catch {
    return undefined;
  }
}

/** Entries of one session family: names carry a prefix, and nothing here throws. */
export interface Shelf {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  remove(name: string): void;
  /** Names that begin with `start`, without the prefix, in order. */
  names(start: string): string[];
}

function namesOf(storage: JarStorage): string[] {
  const names: unknown[] = Array.from({ length: storage.length }, (_, index) => storage.key(index));
  return names.filter((name) => typeof name === 'string');
}

function unlessForbidden<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** What can be read; of a storage that cannot be listed at least the token, and why the last session ended. */
function copyInto(target: JarStorage, source: JarStorage, prefix: string): void {
  const listed = unlessForbidden(() => namesOf(source)) ?? [];
  for (const name of [`${prefix}token`, `${prefix}ended`, ...listed]) {
    const value: unknown = name.startsWith(prefix) ? unlessForbidden(() => source.getItem(name)) : undefined;
    if (typeof value === 'string') target.setItem(name, value);
  }
}

/** Writes, and when the storage is full once more without what was only kept to be looked at. */
function write(storage: JarStorage, prefix: string, name: string, value: string): void {
  try {
    storage.setItem(prefix + name, value);
  } catch {
    storage.removeItem(`${prefix}aside`);
    storage.setItem(prefix + name, value);
  }
}

/**
 * The entries under `prefix`; what is not text is not there. A storage that throws (quota, privacy settings) is left for
 * good: what it held is copied to memory, and the session lives on in this tab alone.
 */
export function createShelf(storage: JarStorage | undefined, prefix: string): Shelf {
  let current = storage ?? createMemoryStorage();
  const attempt = <Result>(act: (storage: JarStorage) => Result): Result => {
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
      return typeof value === 'string' ? value : undefined;
    },
    set: (name: string, value: string) => attempt((at) => write(at, prefix, name, value)),
    remove: (name: string) => attempt((at) => at.removeItem(prefix + name)),
    names: (start: string) =>
      attempt(namesOf)
        .filter((name) => name.startsWith(prefix + start))
        .map((name) => name.slice(prefix.length))
        .sort(),
  });
}
