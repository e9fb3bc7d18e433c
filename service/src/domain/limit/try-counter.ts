import { fail } from '@latchkey/contract';
import type { Count, PointStore } from './point-store.ts';

/** One try that has begun. Exactly one of `keep`, `clear` and `giveBack` ends it. */
export interface Try {
  /**
   * Rejects when tries on other nodes have reached the limit since this one began. Call it before anything that a
   * successful try gives.
   *
   * @throws rate_limited
   */
  assertWithin(): Promise<void>;
  /** Counts the try, on every node. @throws rate_limited when tries on other nodes have reached the limit meanwhile */
  keep(): Promise<void>;
  /** Ends a successful try and sets the count back to 0. */
  clear(): Promise<void>;
  /** Ends the try without counting it. */
  giveBack(): void;
}

/** A try that no counter holds. */
export const uncountedTry: Try = Object.freeze<Try>({
  assertWithin: async () => {},
  keep: async () => {},
  clear: async () => {},
  giveBack: () => {},
});

interface TryCounter {
  /** @throws rate_limited */
  begin(key: string): Promise<Try>;
}

/** Wait in milliseconds after a refusal that only tries under way have caused. */
const underWayRetryMs = 1_000;

/**
 * Counts tries whose outcome decides whether they count, such as failed logins. A try that does not count costs the
 * database reads only.
 *
 * Tries under way are reserved in this process, without awaiting, before the count is read. A try that ends in between is
 * in one of the two numbers or in both, so a burst never passes the limit. Tries on other nodes are not in the reservation:
 * `keep` and `assertWithin` compare with the limit again, so the answers that all nodes give stay within it.
 *
 * @example const counter = createTryCounter({ store, limit: 10 });
 */
export function createTryCounter({ store, limit }: { store: PointStore; limit: number }): TryCounter {
  const underWay = createReservations();
  return Object.freeze<TryCounter>({
    async begin(key) {
      const reserved = underWay.take(key);
      const before = await store.read(key);
      if (before.points + reserved > limit) {
        underWay.release(key);
        throw before.points >= limit ? refusal(before) : refusal({ msBeforeNext: underWayRetryMs });
      }
      return {
        async assertWithin() {
          if (!store.isShared) return;
          const now = await store.read(key);
          if (now.points >= limit) throw refusal(now);
        },
        async keep() {
          const after = await store.add(key);
          underWay.release(key);
          if (after.points > limit) throw refusal(after);
        },
        async clear() {
          underWay.release(key);
          if (before.points > 0) await store.reset(key);
        },
        giveBack: () => underWay.release(key),
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
export function refusal({ msBeforeNext }: Pick<Count, 'msBeforeNext'>) {
  return fail('rate_limited', { retryAfterMs: msBeforeNext });
}
