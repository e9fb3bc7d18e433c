import type { EndReason } from '@latchkey/contract';
import type { Revocation } from './revocation.ts';

interface CachedRevocation {
  seq: number;
  readonly reason: EndReason;
  readonly untilMs: number;
}

/**
 * What this node knows of the blacklist, in memory: until the entry's own time, by session and by number.
 *
 * @param now by which access tokens are judged, too, in epoch ms of the database; it never goes back
 */
export function createNodeRevocationCache({ now }: { now: () => number }) {
  const kept = new Map<string, CachedRevocation>();
  /** Committed by this node and not read back; kept apart, because no listener was notified of them yet. */
  const expected = new Map<string, EndReason>();
  let floor = 0;
  const toEntry = ([sid, entry]: [string, CachedRevocation]): Revocation => ({ sid, ...entry });

  return Object.freeze({
    /** True when the session was not on the list before. */
    put({ sid, seq, reason, untilMs }: Revocation) {
      const isNew = !kept.has(sid);
      expected.delete(sid);
      kept.set(sid, { seq, reason, untilMs });
      return isNew;
    },
    /** The session ended by a commit of this node; the list will have it with the next read. */
    expect(sid: string, reason: EndReason) {
      if (!kept.has(sid)) expected.set(sid, reason);
    },
    /** Ends that this node knows, and that the list, read to its head, does not have. */
    unwritten() {
      const unnumbered = [...kept].filter(([, { seq }]) => seq === 0).map(([sid, { reason }]) => ({ sid, reason }));
      return [...unnumbered, ...[...expected].map(([sid, reason]) => ({ sid, reason }))];
    },
    /** Entries end about in the order they came in, so looking at the front is enough. */
    /** Drops what no access token can ask for any more. */
    evictExpired() {
      const at = now();
      for (const [sid, { untilMs, seq }] of kept) {
        if (untilMs > at) return;
        kept.delete(sid);
        floor = Math.max(floor, seq);
      }
    },
    /** Rows up to this number may be missing. */
    raiseFloor(seq: number) {
      floor = Math.max(floor, seq);
    },
    /** Numbers are given out anew: what is known stays on the list, without a number. */
    resetNumbers() {
      floor = 0;
      for (const entry of kept.values()) entry.seq = 0;
    },
    reason: (sid: string) => kept.get(sid)?.reason ?? expected.get(sid),
    /** Everything that came after the number, or `undefined` when some of it may be forgotten. */
    after(seq: number) {
      if (seq < floor) return undefined;
      const later = [...kept].filter(([, entry]) => entry.seq > seq).map(toEntry);
      return later.sort((left, right) => left.seq - right.seq);
    },
    all: () => [...kept].map(toEntry),
    get size() {
      return kept.size;
    },
  });
}
