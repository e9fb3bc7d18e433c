import type { EndReason, RevocationEntry } from '@latchkey/contract';
import { createDeadlines, type Schedulable, unscheduled } from '@latchkey/core';
import type { Clock } from '@latchkey/core/internal';

interface RevocationRow extends Schedulable {
  readonly sid: string;
  seq: number;
  readonly reason: EndReason;
  /** Epoch ms of the service; `undefined`: an older one does not say so. */
  readonly until: number | undefined;
}

/** A row without a number in this epoch (0 on the wire) is in no list that could replace it. */
const numberless = Number.POSITIVE_INFINITY;

/** The sessions that ended before their access tokens do, as this process knows them. */
export type RevocationCache = ReturnType<typeof createRevocationCache>;

/**
 * Rows go when no access token of their session can be accepted any more: memory is revocation rate × token life.
 *
 * @param now by which access tokens are judged, too
 */
export function createRevocationCache({ clock, now }: { clock: Clock; now: () => number }) {
  const rows = new Map<string, RevocationRow>();
  const deadlines = createDeadlines<RevocationRow>({
    clock,
    tickMs: 1_000,
    onDue: (due) => {
      for (const row of due) {
        if (row.until === undefined || now() >= row.until) rows.delete(row.sid);
        else deadlines.set(row, clock.monotonic() + row.until - now());
      }
    },
  });

  /** True when the session was not known as ended before. */
  function add({ sid, seq, reason, until, keep_in }: RevocationEntry): boolean {
    const known = rows.get(sid);
    if (known) deadlines.clear(known);
    const row: RevocationRow = { ...unscheduled, sid, seq: seq === 0 ? numberless : seq, reason, until };
    rows.set(sid, row);
    deadlines.set(row, clock.monotonic() + (until === undefined ? keep_in * 1_000 : until - now()));
    return known === undefined;
  }

  return Object.freeze({
    endedReason: (sid: string) => rows.get(sid)?.reason,
    add,
    /** Numbers are given out anew: every row stays until its own time is over, or until the list has it with a new number. */
    resetSequence() {
      for (const row of rows.values()) row.seq = numberless;
    },
    /** Takes the full list; rows with a number above `keepAbove` stay, too. Returns the entries that are new here. */
    replace(entries: readonly RevocationEntry[], keepAbove: number) {
      const listed = new Set(entries.map(({ sid }) => sid));
      const added = entries.filter(add);
      for (const row of [...rows.values()]) {
        if (listed.has(row.sid) || row.seq > keepAbove) continue;
        deadlines.clear(row);
        rows.delete(row.sid);
      }
      return added;
    },
    size: () => rows.size,
    close: deadlines.close,
  });
}
