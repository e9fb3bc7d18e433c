import type { EndReason } from '@latchkey/contract';
import type { Clock } from '../../base/clock.ts';
import type { BlacklistEntry } from './blacklist.ts';

/** What this node knows of the blacklist, in memory: as long as the entry counts, by session and by number. */
export interface BlacklistMirror {
  /** True when the session was not on the list before. */
  put(entry: BlacklistEntry): boolean;
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
  let floor = 0;
  const toEntry = ([sid, { seq, reason, until }]: [string, Kept]): BlacklistEntry => {
    return { seq, sid, reason, keepSeconds: Math.max(0, until - clock.monotonic()) / 1_000 };
  };

  return Object.freeze({
    put({ sid, seq, reason, keepSeconds }: BlacklistEntry) {
      const isNew = !kept.has(sid);
      kept.set(sid, { seq, reason, until: clock.monotonic() + keepSeconds * 1_000 });
      return isNew;
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
    reason: (sid: string) => kept.get(sid)?.reason,
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
