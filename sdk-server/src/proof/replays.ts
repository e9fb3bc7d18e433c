import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import type { Proof } from './read-proof.ts';

/** Proofs that were shown here and could be shown again (RFC 9449 §11.1). */
export interface Replays {
  /** True the first time. */
  take(proof: Proof): boolean;
}

/** With a nonce: the windows in which it is accepted; without: twice the leeway of `iat`. Both rounded up. */
const keepMs = { nonce: 900_000, iat: 150_000 };
/** About 20 MB. Beyond it the oldest is forgotten: whoever fills it has sent as many good proofs of live sessions. */
const mostProofs = 100_000;

/** Remembered by this process alone: another node would take the same request again within its time. */
export function createReplays({ clock }: { clock: Clock }): Replays {
  const seen = new LRUCache<string, true>({
    maxSize: mostProofs,
    sizeCalculation: () => 1,
    ttl: keepMs.nonce,
    perf: { now: clock.monotonic },
  });
  return Object.freeze<Replays>({
    take({ jkt, claims }) {
      const id = createHash('sha256').update(`${jkt}.${claims.jti}`).digest('base64url');
      if (seen.has(id)) return false;
      seen.set(id, true, { ttl: claims.nonce === undefined ? keepMs.iat : keepMs.nonce });
      return true;
    },
  });
}
