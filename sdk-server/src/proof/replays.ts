import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { freshSeconds } from './judge-proof.ts';
import { aheadMs, nonceMs } from './nonces.ts';
import type { Proof } from './read-proof.ts';

/** Proofs that were shown here and could be shown again (RFC 9449 §11.1). */
interface Replays {
  /** True the first time. */
  take(proof: Proof): boolean;
}

interface ReplaysDeps {
  readonly clock: Clock;
  /** How many proofs are remembered at most. Default: 100,000, about 20 MB. */
  readonly most?: number | undefined;
  /** There is no room for one that could be shown again: everything was forgotten, so nothing shown so far is good. */
  readonly onForgotten: () => void;
}

/** As long as a proof could be taken, clocks that are moved a little included. */
const keepMs = { nonce: nonceMs + aheadMs, iat: 2 * freshSeconds * 1_000 + 30_000 };

/** Remembered by this process alone: another node would take the same request again within its time. */
export function createReplays({ clock, most = 100_000, onForgotten }: ReplaysDeps): Replays {
  let isFull = false;
  const seen = new LRUCache<string, { readonly until: number }>({
    maxSize: most,
    sizeCalculation: () => 1,
    ttl: keepMs.nonce,
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
    onForgotten();
  }

  return Object.freeze<Replays>({
    take({ jkt, claims }) {
      const id = createHash('sha256').update(`${jkt}.${claims.jti}`).digest('base64url');
      if (seen.has(id)) return false;
      keep(id, claims.nonce === undefined ? keepMs.iat : keepMs.nonce);
      return true;
    },
  });
}
