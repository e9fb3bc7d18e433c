import { type Clock, createTimer, singleFlight } from '@latchkey/core/internal';

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
  const timer = createTimer(clock, () => void flush());
  let pending = new Map<Key, Value>();
  let isWriting = false;

  function schedule(): void {
    if (!isWriting && pending.size > 0) timer.set(everyMs);
  }

  const { fresh: flush } = singleFlight(async () => {
    timer.cancel();
    const batch = pending;
    pending = new Map();
    isWriting = true;
    if (batch.size > 0) await write(batch).catch(onError);
    isWriting = false;
    schedule();
  });

  return Object.freeze({
    put(key: Key, value: Value) {
      pending.set(key, value);
      schedule();
    },
    flush,
  });
}
