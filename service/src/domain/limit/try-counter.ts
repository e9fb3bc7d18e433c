import { fail } from '@latchkey/contract';
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { Database } from '../../db/database.ts';

export interface TryCounterOptions {
  readonly name: string;
  readonly points: number;
  readonly windowSeconds: number;
}

/** One try that has begun; exactly one of the three ends it. */
export interface Try {
  /** It counts, on every node. */
  keep(): Promise<void>;
  /** It was right: what counted before is forgotten. */
  clear(): Promise<void>;
  /** It does not count. */
  giveBack(): Promise<void>;
}

export interface TryCounter {
  /** @throws rate_limited */
  begin(key: string): Promise<Try>;
}

/**
 * Counts tries that turn out to count, such as failed ones: one that does not costs the database one read. This node takes
 * a point for each try under way, so that tries at once cannot pass together; what counts is written for all nodes into the
 * table `rate_limits`, and given back here. While that cannot be read, each node counts for itself, as the embedded database always does.
 */
export function createTryCounter({ pool }: Database, options: TryCounterOptions): TryCounter {
  const { name, points, windowSeconds } = options;
  const limits = { keyPrefix: name, points, duration: windowSeconds };
  const here = new RateLimiterMemory(limits);
  const everywhere =
    pool &&
    new RateLimiterPostgres({
      ...limits,
      storeClient: pool,
      storeType: 'pool',
      tableName: 'rate_limits',
      tableCreated: true,
      clearExpiredByTimeout: false,
    });

  return Object.freeze({
    async begin(key: string) {
      await here.consume(key).catch(async (result: unknown) => {
        // The library counts what it refuses as well.
        await here.reward(key);
        refused(result);
      });
      // What counts nothing is forgotten at once: strangers make up any number of accounts while the service is busy.
      const giveBack = async () => {
        const left = await here.reward(key);
        if (left.consumedPoints <= 0) await here.delete(key);
      };
      const failed = (await everywhere?.get(key).catch(() => null)) ?? undefined;
      const underWay = (await here.get(key))?.consumedPoints ?? 0;
      // A try that is just being counted is seen in both: of a burst, one less may pass, never one more.
      if (failed !== undefined && failed.consumedPoints + underWay > points) {
        await giveBack();
        refused(failed);
      }
      return {
        giveBack,
        keep: async () => {
          if (everywhere !== undefined && (await isCounted(everywhere, key))) await giveBack();
        },
        async clear() {
          await (everywhere === undefined ? here.delete(key) : giveBack());
          if (failed !== undefined) await everywhere?.delete(key);
        },
      };
    },
  });
}

/** False: the database does not answer, so the point has to stay here. Over the limit it rejects, but has counted. */
function isCounted(everywhere: RateLimiterPostgres, key: string): Promise<boolean> {
  return everywhere.consume(key).then(
    () => true,
    (result: unknown) => result instanceof RateLimiterRes,
  );
}

/** The library rejects with its result, which is no Error. */
function refused(result: unknown): never {
  if (result instanceof RateLimiterRes) throw fail('rate_limited', { retryAfterMs: result.msBeforeNext });
  throw result;
}
