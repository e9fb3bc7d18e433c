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
  return Array.from({ length: storage.length }, (_, index) => storage.key(index)).filter((name) => name !== null);
}

function copyInto(target: JarStorage, source: JarStorage, prefix: string): void {
  try {
    for (const name of namesOf(source)) {
      const value = name.startsWith(prefix) ? source.getItem(name) : null;
      if (value !== null) target.setItem(name, value);
    }
  } catch {
    // What cannot be read is not there.
  }
}

/**
 * The entries under `prefix`. A storage that throws once (quota, privacy settings) is left for good: what it held is
 * copied to memory, and the session lives on in this tab alone.
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
    get: (name: string) => attempt((at) => at.getItem(prefix + name)) ?? undefined,
    set: (name: string, value: string) => attempt((at) => at.setItem(prefix + name, value)),
    remove: (name: string) => attempt((at) => at.removeItem(prefix + name)),
    names: (start: string) =>
      attempt(namesOf)
        .filter((name) => name.startsWith(prefix + start))
        .map((name) => name.slice(prefix.length))
        .sort(),
  });
}
