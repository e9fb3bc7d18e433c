import type { TokenStorage } from '@latchkey/sdk-browser';
import type { History } from './history.ts';

/** What `localStorage` is to the tabs of one browser; each token that is put into it stands in the history. */
export interface SharedStorage extends TokenStorage {
  /** The token that the tabs share now. */
  held(): string | undefined;
}

export function createSharedStorage(history: History): SharedStorage {
  const entries = new Map<string, string>();
  return Object.freeze<SharedStorage>({
    get length() {
      return entries.size;
    },
    key: (index) => [...entries.keys()][index] ?? null,
    getItem: (name) => entries.get(name) ?? null,
    setItem(name, value) {
      if (name.endsWith(':token')) history.granted(value);
      entries.set(name, value);
    },
    removeItem: (name) => void entries.delete(name),
    held: () => [...entries].find(([name]) => name.endsWith(':token'))?.[1],
  });
}
