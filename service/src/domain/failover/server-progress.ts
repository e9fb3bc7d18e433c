/** How far a database server has come. In one epoch none of the numbers goes back, unless older files were restored. */
export interface ServerProgress {
  /** `system_identifier.timeline` of the server. */
  readonly server: string;
  /** How often numbers of the revocation list began anew in this database. */
  readonly counter: number;
  /** The newest number of the revocation list. */
  readonly head: number;
  /** Up to where the write-ahead log is on disk, in bytes. */
  readonly lsn: number;
}

/**
 * Whether `seen` was read from older files than `before`. `before` has to be known when the read of `seen` is sent:
 * answers of two connections may arrive in the other order.
 */
export function isRestored(seen: ServerProgress, before: ServerProgress | undefined): boolean {
  if (before === undefined || seen.server !== before.server || seen.counter > before.counter) return false;
  return seen.counter < before.counter || seen.head < before.head || seen.lsn < before.lsn;
}

/** The furthest progress that was seen of the server. */
export function createFurthestProgress() {
  let furthest: ServerProgress | undefined;
  return Object.freeze({
    get current() {
      return furthest;
    },
    /** Takes a newer answer. True: numbers of the list began anew since the one before. */
    update(progress: ServerProgress) {
      const before = furthest;
      furthest = before === undefined ? progress : further(before, progress);
      return before?.server === progress.server && progress.counter > before.counter;
    },
  });
}

function further(before: ServerProgress, seen: ServerProgress): ServerProgress {
  if (seen.server !== before.server || seen.counter > before.counter) return seen;
  if (seen.counter < before.counter) return before;
  return { ...seen, head: Math.max(before.head, seen.head), lsn: Math.max(before.lsn, seen.lsn) };
}
