import { randomUUID } from 'node:crypto';
import type { RevocationEntry } from '@latchkey/contract';
import { createSystemClock } from '@latchkey/core/internal';
import { measureMemory } from '../../bench/memory.ts';
import { serveCalls } from '../../bench/serve-calls.ts';
import { createRevocationCache } from '../src/client/revocation-cache.ts';

interface Filling {
  readonly side: 'revocation-cache' | 'map';
  readonly count: number;
}

export type RevocationCacheHostCalls = {
  /** Adds `count` ended sessions. Returns the added bytes of RSS and heap. */
  fill(filling: Filling): Promise<{ readonly rss: number; readonly heap: number }>;
};

interface Side {
  add(entry: RevocationEntry): void;
  size(): number;
}

const sides: Readonly<Record<Filling['side'], () => Side>> = {
  'revocation-cache'() {
    const cache = createRevocationCache({ clock: createSystemClock(), now: createSystemClock().now });
    return { add: cache.add, size: cache.size };
  },
  map() {
    const map = new Map<string, number>();
    return { add: ({ sid, seq }) => void map.set(sid, seq), size: () => map.size };
  },
};

const reasons = ['logout', 'ended_by_user', 'idle_timeout', 'ended_by_operator'] as const;
const batch = 500;

/**
 * Entries as they are received, a batch at a time. Their times are spread over five minutes, as when sessions end evenly.
 * None expires during the measurement.
 */
function parsedBatch(first: number): RevocationEntry[] {
  const entries = Array.from({ length: batch }, (_, index): RevocationEntry => {
    const seq = first + index;
    return { seq, sid: randomUUID(), reason: reasons[seq % reasons.length]!, keep_in: 60 + (seq % 300) };
  });
  return JSON.parse(JSON.stringify(entries)) as RevocationEntry[];
}

function fill(side: Side, count: number): void {
  for (let seq = 1; seq <= count; seq += batch) for (const entry of parsedBatch(seq)) side.add(entry);
}

const kept: Side[] = [];

const calls: RevocationCacheHostCalls = {
  async fill({ side, count }) {
    // A first one, which is discarded, warms the code up.
    fill(sides[side](), 10 * batch);
    const before = await measureMemory();
    const filled = sides[side]();
    kept.push(filled);
    fill(filled, count);
    const after = await measureMemory();
    if (filled.size() !== count) throw new Error(`expected ${count} entries, got ${filled.size()}`);
    return { rss: after.rss - before.rss, heap: after.heap - before.heap };
  },
};

serveCalls(calls);
