import type { Clock } from '@latchkey/core/internal';

interface FixedWindowLimiterOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly points: number;
  readonly windowMs: number;
  /** Keys kept at once; beyond it the oldest window is forgotten. */
  readonly maxKeys: number;
}

interface Window {
  readonly endsAt: number;
  taken: number;
}

/**
 * Counts in fixed windows in memory. `RateLimiterMemory` of rate-limiter-flexible sets a timer for each key, holds any number
 * of keys, and answers with a promise; this one does none of it, because clients choose how many keys there are.
 *
 * @example
 * const counter = createFixedWindowLimiter({ clock, points: 120, windowMs: 60_000, maxKeys: 100_000 });
 * const waitMs = counter.take(sid);
 */
export function createFixedWindowLimiter({ clock, points, windowMs, maxKeys }: FixedWindowLimiterOptions) {
  // A window is put in when it begins and all are of one length: the map is in the order of their ends.
  const windows = new Map<string, Window>();

  function dropEnded(now: number): void {
    for (const [key, { endsAt }] of windows) {
      if (endsAt > now && windows.size < maxKeys) return;
      windows.delete(key);
    }
  }
  function open(key: string, now: number): Window {
    windows.delete(key);
    dropEnded(now);
    const window = { endsAt: now + windowMs, taken: 0 };
    windows.set(key, window);
    return window;
  }
  return Object.freeze({
    /** Takes a point. Milliseconds to wait when there is none left, else 0. */
    take(key: string) {
      const now = clock.monotonic();
      const known = windows.get(key);
      const window = known !== undefined && known.endsAt > now ? known : open(key, now);
      if (window.taken >= points) return Math.ceil(window.endsAt - now);
      window.taken += 1;
      return 0;
    },
    get size() {
      return windows.size;
    },
  });
}
