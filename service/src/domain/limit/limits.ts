import { Failure, fail } from '@latchkey/contract';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../db/database.ts';
import { accessTokenLimit, failedLoginLimits, keysOf, type LoginTry } from './limit.ts';
import { disposeLimits } from './limit-store.ts';
import { createWindowCounter } from './window-counter.ts';

export interface Limits {
  readonly failedLogins: {
    /**
     * Runs the check of a password. A try is taken before the work and given back unless the answer is
     * `invalid_credentials`, so tries at once cannot pass together; a right password clears the account's count.
     *
     * @throws rate_limited before any work · whatever `work` throws
     */
    guard<T>(tried: LoginTry, work: () => Promise<T>): Promise<T>;
  };
  readonly accessTokens: {
    /** One more access token of the session, on this node. @throws rate_limited */
    take(sid: string): void;
  };
  /** Removes windows that have ended; says how many. */
  dispose(): Promise<number>;
}

/**
 * Failed logins are counted for all nodes in the table `rate_limits`; while Postgres does not answer, each node counts
 * for itself. The embedded database is one node: it counts in memory.
 *
 * @example
 * const limits = createLimits({ database, clock });
 * const user = await limits.failedLogins.guard({ tenantId, emailKey, address }, () => users.authenticate(db, input));
 */
export function createLimits({ database, clock }: { database: Database; clock: Clock }): Limits {
  const pairs = createLimiter(database, 'pair', failedLoginLimits.perAccountAndAddress);
  const addresses = createLimiter(database, 'address', failedLoginLimits.perAddress);
  const accessTokens = createWindowCounter({ clock, ...accessTokenLimit });

  return Object.freeze({
    failedLogins: Object.freeze({
      async guard<T>(tried: LoginTry, work: () => Promise<T>) {
        const keys = keysOf(tried);
        // The address first: once it is refused, it cannot fill the table with accounts it makes up.
        await take(addresses, keys.address);
        await take(pairs, keys.pair).catch(async (refused) => {
          await addresses.reward(keys.address);
          throw refused;
        });
        try {
          const result = await work();
          await Promise.all([pairs.delete(keys.pair), addresses.reward(keys.address)]);
          return result;
        } catch (error) {
          if (!isWrongPassword(error)) await Promise.all([pairs.reward(keys.pair), addresses.reward(keys.address)]);
          throw error;
        }
      },
    }),
    accessTokens: Object.freeze({
      take(sid: string) {
        const retryAfterMs = accessTokens.take(sid);
        if (retryAfterMs > 0) throw fail('rate_limited', { retryAfterMs });
      },
    }),
    dispose: () => disposeLimits(database),
  });
}

function createLimiter({ pool }: Database, keyPrefix: string, points: number): RateLimiterAbstract {
  const options = { keyPrefix, points, duration: failedLoginLimits.windowSeconds };
  const memory = new RateLimiterMemory(options);
  if (pool === undefined) return memory;
  return new RateLimiterPostgres({
    ...options,
    storeClient: pool,
    storeType: 'pool',
    tableName: 'rate_limits',
    tableCreated: true,
    clearExpiredByTimeout: false,
    insuranceLimiter: memory,
  });
}

async function take(limiter: RateLimiterAbstract, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refused) {
    // The library rejects with its result, which is no Error.
    if (refused instanceof RateLimiterRes) throw fail('rate_limited', { retryAfterMs: refused.msBeforeNext });
    throw refused;
  }
}

function isWrongPassword(error: unknown): boolean {
  return error instanceof Failure && error.code === 'invalid_credentials';
}
