import { LRUCache } from 'lru-cache';
import type { PasswordHash } from './password-hash.ts';

const samplesPerCost = 16;
const maxCosts = 256;
/** After this time a cost is measured anew: the load of the machine may be another. */
const measuredForMs = 60_000;

/**
 * How long checks of hashes took lately, by the cost of the hash.
 *
 * @param measure checks a hash once, and returns the milliseconds that it took
 */
export function createCheckTimes(measure: (hash: PasswordHash) => Promise<number>) {
  const times = new LRUCache<string, number[], PasswordHash>({
    max: maxCosts,
    ttl: measuredForMs,
    fetchMethod: async (_cost, _stale, { context }) => [await measure(context)],
  });

  return Object.freeze({
    record({ cost }: PasswordHash, ms: number): void {
      const recent = times.get(cost);
      recent?.push(ms);
      if (recent !== undefined && recent.length > samplesPerCost) recent.shift();
    },
    /** The longest recent check of the slowest of these hashes. Measures a cost that was not seen lately. */
    async slowestMs(hashes: readonly PasswordHash[]): Promise<number> {
      const most = Math.max(...hashes.map(({ estimatedMs }) => estimatedMs));
      // Estimates may be wrong by some factor, so all that come near are measured.
      const slow = hashes.filter(({ estimatedMs }) => estimatedMs >= most / 3);
      const measured = await Promise.all(slow.map((hash) => times.fetch(hash.cost, { context: hash })));
      return Math.max(...measured.flatMap((recent) => recent ?? []));
    },
  });
}
