import type { Clock } from './clock.ts';

interface WriteBuffer<Key, Value> {
  /** Remembers the newest value of the key for the next write. */
  put(key: Key, value: Value): void;
  /** Writes what is pending; resolves when nothing is. */
  flush(): Promise<void>;
}

/**
 * Collects small writes by key and passes them on in batches, one at a time, every `everyMs` milliseconds. For writes
 * that may be lost: a failed batch is reported to `onError` and dropped.
 */
export function createWriteBuffer<Key, Value>(options: {
  clock: Clock;
  everyMs: number;
  write: (batch: ReadonlyMap<Key, Value>) => Promise<void>;
  onError: (error: unknown) => void;
}): WriteBuffer<Key, Value> {
  const { clock, everyMs, write, onError } = options;
  let pending = new Map<Key, Value>();
  let running: Promise<void> | undefined;
  let cancel: (() => void) | undefined;

  function schedule(): void {
    if (cancel !== undefined || running !== undefined || pending.size === 0) return;
    cancel = clock.after(everyMs, () => void run());
  }

  function run(): Promise<void> {
    cancel?.();
    cancel = undefined;
    if (pending.size === 0) return running ?? Promise.resolve();
    const batch = pending;
    pending = new Map();
    const after = running ?? Promise.resolve();
    const mine = after
      .then(() => write(batch))
      .catch(onError)
      .finally(() => {
        if (running === mine) running = undefined;
        schedule();
      });
    running = mine;
    return mine;
  }

  return Object.freeze({
    put(key: Key, value: Value) {
      pending.set(key, value);
      schedule();
    },
    flush: run,
  });
}
