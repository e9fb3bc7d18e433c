import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { Database } from '../../db/types.ts';

interface PointStoreOptions {
  /** Prefix of the keys, one for each store. */
  readonly name: string;
  readonly points: number;
  readonly windowSeconds: number;
}

/** Points of one key in its current window. */
export interface PointCount {
  readonly points: number;
  /** Until the window ends; 0 without one. */
  readonly msBeforeNext: number;
}

export type PointStore = ReturnType<typeof createPointStore>;

/**
 * Points of fixed windows in the table `rate_limits`, for all nodes. The embedded database keeps them in memory, and so
 * does each node while Postgres does not answer. No method rejects.
 *
 * @example const store = createPointStore(database, { name: 'pair', points: 10, windowSeconds: 900 });
 */
export function createPointStore({ pool }: Database, options: PointStoreOptions) {
  const { name, points, windowSeconds } = options;
  const limits = { keyPrefix: name, points, duration: windowSeconds };
  const memory = new RateLimiterMemory(limits);
  const shared =
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
    /** True when other nodes count with this one. */
    isShared: shared !== undefined,
    async read(key: string) {
      const stored = await Promise.all([shared?.get(key).catch(() => null), memory.get(key)]);
      const found = stored.filter((result) => result instanceof RateLimiterRes);
      return {
        points: found.reduce((sum, { consumedPoints }) => sum + consumedPoints, 0),
        msBeforeNext: Math.max(0, ...found.map(({ msBeforeNext }) => msBeforeNext)),
      };
    },
    /** Counts one more point, also beyond the limit. Returns the count with it, and `refund`, which takes the point back. */
    async add(key: string) {
      for (const store of shared === undefined ? [memory] : [shared, memory]) {
        const count = await consume(store, key);
        if (count !== undefined)
          return { ...count, refund: async () => void (await store.reward(key).catch(() => {})) };
      }
      return { points: 0, msBeforeNext: 0, refund: async () => {} };
    },
    async reset(key: string) {
      await Promise.all([memory.delete(key), shared?.delete(key).catch(() => false)]);
    },
  });
}

/** `undefined`: the store does not answer. Over its limit the library rejects with the count, which is no Error. */
async function consume(store: RateLimiterMemory | RateLimiterPostgres, key: string): Promise<PointCount | undefined> {
  const result: unknown = await store.consume(key).catch((rejected: unknown) => rejected);
  if (!(result instanceof RateLimiterRes)) return undefined;
  return { points: result.consumedPoints, msBeforeNext: result.msBeforeNext };
}
