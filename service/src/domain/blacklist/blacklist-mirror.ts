import type { EndReason } from '@latchkey/contract';
import type { Clock } from '../../base/clock.ts';
import type { BlacklistEntry } from './blacklist.ts';

/** What this node knows of the blacklist, in memory: as long as the entry counts, by session and by number. */
export interface BlacklistMirror {
  /** True when the session was not on the list before. */
  put(entry: BlacklistEntry): boolean;
  /** The session ended by a commit of this node; the list will have it with the next read. */
  expect(sid: string, reason: EndReason): void;
  /** Ends that this node knows, and that the list, read to its head, does not have. */
  unwritten(): { readonly sid: string; readonly reason: EndReason }[];
  /** Drops what no access token can ask for any more. */
  forget(): void;
  /** Rows up to this number may be missing. */
  raiseFloor(seq: number): void;
  /** Numbers are given out anew: what is known stays on the list, without a number. */
  restart(): void;
  reason(sid: string): EndReason | undefined;
  /** Everything that came after the number, or `undefined` when some of it may be forgotten. */
  after(seq: number): BlacklistEntry[] | undefined;
  all(): BlacklistEntry[];
  readonly size: number;
}

interface Kept {
  seq: number;
  readonly reason: EndReason;
  readonly until: number;
}

export function createBlacklistMirror({ clock }: { clock: Clock }): BlacklistMirror {
  const kept = new Map<string, Kept>();
  /** Committed by this node and not read back; kept apart, as nobody has been notified of them. */
  const expected = new Map<string, EndReason>();
  let floor = 0;
  const toEntry = ([sid, { seq, reason, until }]: [string, Kept]): BlacklistEntry => {
    return { seq, sid, reason, keepSeconds: Math.max(0, until - clock.monotonic()) / 1_000 };
  };

  return Object.freeze({
    put({ sid, seq, reason, keepSeconds }: BlacklistEntry) {
      const isNew = !kept.has(sid);
      expected.delete(sid);
      kept.set(sid, { seq, reason, until: clock.monotonic() + keepSeconds * 1_000 });
      return isNew;
    },
    expect(sid: string, reason: EndReason) {
      if (!kept.has(sid)) expected.set(sid, reason);
    },
    unwritten() {
      const unnumbered = [...kept].filter(([, { seq }]) => seq === 0).map(([sid, { reason }]) => ({ sid, reason }));
      return [...unnumbered, ...[...expected].map(([sid, reason]) => ({ sid, reason }))];
    },
    /** Entries end about in the order they came in, so looking at the front is enough. */
    forget() {
      const now = clock.monotonic();
      for (const [sid, { until, seq }] of kept) {
        if (until > now) return;
        kept.delete(sid);
        floor = Math.max(floor, seq);
      }
    },
    raiseFloor(seq: number) {
      floor = Math.max(floor, seq);
    },
    restart() {
      floor = 0;
      for (const entry of kept.values()) entry.seq = 0;
    },
    reason: (sid: string) => kept.get(sid)?.reason ?? expected.get(sid),
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
