import { safely } from './safely.ts';

/** The listeners of one event. */
export interface Listeners<Args extends readonly unknown[]> {
  readonly size: number;
  /** Adds a listener. One that is added twice is called twice. Returns the function that removes it. */
  add(listener: (...args: Args) => unknown): () => void;
  /** Calls each listener that is not removed meanwhile. */
  emit(...args: Args): void;
  clear(): void;
}

/**
 * @param onError gets what a listener throws or rejects with. Without it, `emit` throws, and calls no further listener
 * @example
 * const ended = createListeners<[sid: string]>();
 * const remove = ended.add((sid) => close(sid));
 * ended.emit('7f0e');
 */
export function createListeners<Args extends readonly unknown[]>(
  onError?: (error: unknown, ...args: Args) => void,
): Listeners<Args> {
  const entries = new Set<{ readonly listener: (...args: Args) => unknown }>();
  return Object.freeze<Listeners<Args>>({
    get size() {
      return entries.size;
    },
    add(listener) {
      const entry = { listener };
      entries.add(entry);
      return () => void entries.delete(entry);
    },
    emit(...args) {
      for (const entry of [...entries]) {
        if (!entries.has(entry)) continue;
        if (onError === undefined) entry.listener(...args);
        else
          safely(
            () => entry.listener(...args),
            (error) => onError(error, ...args),
          );
      }
    },
    clear: () => entries.clear(),
  });
}
