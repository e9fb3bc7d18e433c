import type { Timers } from '../platform/timers.ts';

const firstDelayMs = 250;
const maxDelayMs = 30_000;

/** Creates an empty queue. */
export function createWriteQueue(timers: Timers) {
  let last = Promise.resolve();
  let isFailing = false;
  const repeat = async (write: () => Promise<unknown>): Promise<void> => {
    for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
      try {
        await write();
        isFailing = false;
        return;
      } catch (cause) {
        if (!isFailing) console.warn('Latchkey: a write to the storage failed; retrying.', cause);
        isFailing = true;
        await new Promise<void>((resolve) => timers.after(delayMs, resolve));
      }
    }
  };
  return Object.freeze({
    /** Adds a write. A write that fails is repeated, with back-off, before the next one starts. */
    add(write: () => Promise<unknown>) {
      last = last.then(() => repeat(write));
    },
    /** Resolves after all writes that were added before are done. */
    flush: () => last,
  });
}
