import type { Timers } from '../platform/timers.ts';

/** Writes in order, one at a time. */
interface WriteQueue {
  /** A write that fails is repeated before any later one is begun. */
  add(write: () => Promise<unknown>): void;
  /** Resolves once all writes so far are done. */
  flush(): Promise<void>;
}

const firstDelayMs = 250;
const maxDelayMs = 30_000;

export function createWriteQueue(timers: Timers): WriteQueue {
  let last = Promise.resolve();
  let isFailing = false;
  const repeat = async (write: () => Promise<unknown>): Promise<void> => {
    for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
      try {
        await write();
        isFailing = false;
        return;
      } catch (cause) {
        if (!isFailing) console.warn('Latchkey: the storage did not take a write, which is tried again.', cause);
        isFailing = true;
        await new Promise<void>((resolve) => timers.after(delayMs, resolve));
      }
    }
  };
  return Object.freeze({
    add(write: () => Promise<unknown>) {
      last = last.then(() => repeat(write));
    },
    flush: () => last,
  });
}
