import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../base/clock.ts';
import { maxProofAgeSeconds } from './check-proof-claims.ts';
import { maxClockAheadMs, nonceLifetimeMs } from './nonces.ts';
import type { Proof } from './read-proof.ts';

/** Proofs that were shown here and could be shown again (RFC 9449 §11.1). */
interface ReplayCache {
  /** True the first time. */
  addIfNew(proof: Proof): boolean;
}

interface ReplayCacheDeps {
  readonly clock: Clock;
  /** How many proofs are remembered at most. Default: 100,000, about 20 MB. */
  readonly maxEntries?: number | undefined;
  /** No space for another proof that could be replayed: all were forgotten, so no earlier proof may be accepted. */
  readonly onOverflow: () => void;
}

/** As long as a proof could be taken, clocks that are moved a little included. */
const retentionMs = { nonce: nonceLifetimeMs + maxClockAheadMs, iat: 2 * maxProofAgeSeconds * 1_000 + 30_000 };

/** Remembered by this process alone: another node would take the same request again within its time. */
export function createReplayCache({ clock, maxEntries = 100_000, onOverflow }: ReplayCacheDeps): ReplayCache {
  let isFull = false;
  const seen = new LRUCache<string, { readonly until: number }>({
    maxSize: maxEntries,
    sizeCalculation: () => 1,
    ttl: retentionMs.nonce,
    perf: { now: clock.monotonic },
    dispose({ until }, _id, reason) {
      if (reason === 'evict' && until > clock.monotonic()) isFull = true;
    },
  });

  function keep(id: string, ttl: number): void {
    seen.set(id, { until: clock.monotonic() + ttl }, { ttl });
    if (!isFull) return;
    seen.clear();
    isFull = false;
    onOverflow();
  }

  return Object.freeze<ReplayCache>({
    addIfNew({ jkt, claims }) {
      const id = createHash('sha256').update(`${jkt}.${claims.jti}`).digest('base64url');
      if (seen.has(id)) return false;
      keep(id, claims.nonce === undefined ? retentionMs.iat : retentionMs.nonce);
      return true;
    },
  });
}
