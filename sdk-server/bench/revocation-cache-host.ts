import { randomUUID } from 'node:crypto';
import type { RevocationEntry } from '@latchkey/contract';
import { createSystemClock } from '@latchkey/core/internal';
import { measureMemory } from '../../bench/memory.ts';
import { serveCalls } from '../../bench/serve-calls.ts';
import { createRevocationCache } from '../src/client/revocation-cache.ts';

interface Filling {
  readonly side: 'mirror' | 'map';
  readonly count: number;
}

export type MirrorHostCalls = {
  /** Fills it with so many ended sessions; returns the bytes it then holds, resident and on the heap. */
  fill(filling: Filling): Promise<{ readonly rss: number; readonly heap: number }>;
};

interface Side {
  add(entry: RevocationEntry): void;
  size(): number;
}

const sides: Readonly<Record<Filling['side'], () => Side>> = {
  mirror() {
    const mirror = createRevocationCache({ clock: createSystemClock(), now: createSystemClock().now });
    return { add: mirror.add, size: mirror.size };
  },
  map() {
    const map = new Map<string, number>();
    return { add: ({ sid, seq }) => void map.set(sid, seq), size: () => map.size };
  },
};

const reasons = ['logout', 'ended_by_user', 'idle_timeout', 'ended_by_operator'] as const;
const batch = 500;

/**
 * Entries as they come over the wire, a batch at a time. Their ends are spread over five minutes, as when sessions end
 * evenly; none comes up while it is measured.
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

const calls: MirrorHostCalls = {
  async fill({ side, count }) {
    // The code warms up on one that is dropped, so that it is not counted.
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
