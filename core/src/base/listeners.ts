import { safely } from './safely.ts';

/** The listeners of one event. */
export type Listeners<Args extends readonly unknown[]> = ReturnType<typeof createListeners<Args>>;

/**
 * @param onError gets what a listener throws or rejects with. Without it, `emit` throws, and calls no further listener
 * @example
 * const ended = createListeners<[sid: string]>();
 * const remove = ended.add((sid) => close(sid));
 * ended.emit('7f0e');
 */
export function createListeners<Args extends readonly unknown[]>(onError?: (error: unknown, ...args: Args) => void) {
  const entries = new Set<{ readonly listener: (...args: Args) => unknown }>();
  return Object.freeze({
    get size() {
      return entries.size;
    },
    /** Adds a listener. One that is added twice is called twice. Returns the function that removes it. */
    add(listener: (...args: Args) => unknown) {
      const entry = { listener };
      entries.add(entry);
      return () => void entries.delete(entry);
    },
    /** Calls each listener that is not removed meanwhile. */
    emit(...args: Args) {
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
