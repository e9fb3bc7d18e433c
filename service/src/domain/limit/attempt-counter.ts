import { fail } from '@latchkey/contract';
import type { PointCount, PointStore } from './point-store.ts';

/** One try that has begun. Exactly one of `keep`, `clear` and `release` ends it. */
export interface Reservation {
  /**
   * Rejects when tries on other nodes have reached the limit since this one began. Call it before anything that a
   * successful try gives.
   *
   * @throws rate_limited
   */
  assertWithin(): Promise<void>;
  /** Counts the try, on every node. @throws rate_limited when tries on other nodes have reached the limit meanwhile */
  commit(): Promise<void>;
  /** Ends a successful try and sets the count back to 0. */
  reset(): Promise<void>;
  /** Ends the try without counting it. */
  release(): void;
}

/** A try that no counter holds. */
export const noReservation: Reservation = Object.freeze<Reservation>({
  assertWithin: async () => {},
  commit: async () => {},
  reset: async () => {},
  release: () => {},
});

/** Wait in milliseconds after a refusal that only tries under way have caused. */
const inFlightRetryMs = 1_000;

/**
 * Counts tries whose outcome decides whether they count, such as failed logins. A try that does not count costs the
 * database reads only.
 *
 * Tries under way are reserved in this process, without awaiting, before the count is read. A try that ends in between is
 * in one of the two numbers or in both, so a burst never passes the limit. Tries on other nodes are not in the reservation:
 * `keep` and `assertWithin` compare with the limit again, so the answers that all nodes give stay within it.
 *
 * @example const counter = createAttemptCounter({ store, limit: 10 });
 */
export function createAttemptCounter({ store, limit }: { store: PointStore; limit: number }) {
  const inFlight = createReservations();
  return Object.freeze({
    /** @throws rate_limited */
    async begin(key: string) {
      const reserved = inFlight.take(key);
      const before = await store.read(key);
      if (before.points + reserved > limit) {
        inFlight.release(key);
        throw before.points >= limit ? rateLimitFailure(before) : rateLimitFailure({ msBeforeNext: inFlightRetryMs });
      }
      return {
        async assertWithin() {
          if (!store.isShared) return;
          const now = await store.read(key);
          if (now.points >= limit) throw rateLimitFailure(now);
        },
        async commit() {
          const after = await store.add(key);
          inFlight.release(key);
          if (after.points > limit) throw rateLimitFailure(after);
        },
        async reset() {
          inFlight.release(key);
          if (before.points > 0) await store.reset(key);
        },
        release: () => inFlight.release(key),
      };
    },
  });
}

/** Tries under way by key. Both functions act at once, so nothing happens between reading and writing a number. */
function createReservations() {
  const taken = new Map<string, number>();
  return {
    /** Returns how many there are now, this one included. */
    take(key: string): number {
      const count = (taken.get(key) ?? 0) + 1;
      taken.set(key, count);
      return count;
    },
    release(key: string): void {
      const count = (taken.get(key) ?? 0) - 1;
      if (count > 0) taken.set(key, count);
      else taken.delete(key);
    },
  };
}

/** What a caller over the limit gets. */
export function rateLimitFailure({ msBeforeNext }: Pick<PointCount, 'msBeforeNext'>) {
  return fail('rate_limited', { retryAfterMs: msBeforeNext });
}
