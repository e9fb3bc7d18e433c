import { type Clock, inChunks } from '@latchkey/core/internal';
import type { DatabaseClock } from '../../db/database-clock.ts';
import type { Db } from '../../db/schema.ts';
import { withTransaction } from '../../db/transaction.ts';
import type { Database } from '../../db/types.ts';
import { createCoverageWindow } from './coverage-window.ts';
import type { FailoverEvent, FailoverReport, LostTailPolicy, ServerReading, UnwrittenEnd } from './failover.ts';
import * as store from './failover-store.ts';
import { createFurthestProgress, isRestored, type ServerProgress } from './server-progress.ts';

interface FailoverDeps {
  readonly database: Pick<Database, 'db' | 'exclusively' | 'onConnect'>;
  readonly clock: Clock;
  /** Receives the epoch to which requests belong. */
  readonly databaseClock: Pick<DatabaseClock, 'epoch' | 'serveEpoch'>;
  /** Names this node in the table of servers. */
  readonly serverId: string;
  readonly options: FailoverOptions;
  /** Ends these sessions if they are live, and adds each to the list. Returns how many the list lacked. */
  readonly writeBack: (db: Db, ends: readonly UnwrittenEnd[]) => Promise<number>;
  /** Ends every live session. Returns how many. Stops early once `isStopped`. */
  readonly endAll: (db: Db, isStopped: () => boolean) => Promise<number>;
  /** Writes the audit row. */
  readonly record: (tx: Db, report: FailoverReport) => Promise<void>;
  readonly onEvent: (event: FailoverEvent) => void;
}

interface FailoverOptions {
  readonly lostTail: LostTailPolicy;
  /** How long a node keeps an end in its memory. */
  readonly retentionSeconds: number;
  /** How long a server's lease lasts. */
  readonly leaseSeconds: number;
}

/** Any number will do, as long as every version of the service uses the same. */
const endAllLock = 7_310_582_437;
const chunkSize = 500;

/** This node's part in a failover. */
interface OngoingFailover {
  readonly from: string;
  readonly to: string;
  written: number;
  /** The mark that this node has reported to; `undefined`: none. A later one asks for another report. */
  reportedTo: number | undefined;
}

/** The mark of an epoch that is served already: no report is awaited. */
const unmarked = 0;

export type Failover = ReturnType<typeof createFailover>;

/**
 * Keeps sessions from being judged on a promoted replica or a restored backup until nodes have written back the ends
 * that it lost. Every statement that judges carries the epoch of its request, so a node that has noticed nothing is held
 * as well.
 */
export function createFailover(deps: FailoverDeps) {
  const { clock, databaseClock, serverId, options, onEvent } = deps;
  const { db, exclusively } = deps.database;
  const known = createCoverageWindow({ clock, maxMs: options.retentionSeconds * 1_000 });
  const furthest = createFurthestProgress();
  let move: OngoingFailover | undefined;
  let isStopped = false;

  function begin({ served, epoch }: ServerReading): OngoingFailover {
    const from = served === epoch ? databaseClock.epoch : served;
    if (served !== epoch) onEvent({ kind: 'began', from, to: epoch });
    return { from, to: epoch, written: 0, reportedTo: undefined };
  }

  /** In pieces, each a statement; what was written before an error is not written again. */
  async function writeBack(current: OngoingFailover, ends: readonly UnwrittenEnd[]): Promise<void> {
    for (const chunk of inChunks(ends, chunkSize)) current.written += await deps.writeBack(db, chunk);
  }

  async function report(current: OngoingFailover): Promise<void> {
    await store.reportNode(db, { serverId, epoch: current.to, ...known.range(), endsWritten: current.written });
  }

  function mustEnd({ covered, missing }: store.RecoveryStatus): boolean {
    if (options.lostTail === 'keep') return false;
    return !covered || (options.lostTail === 'end' && missing > 0);
  }

  /** One node ends the sessions, the others wait; the next one finds the epoch served. */
  async function endUnknown(current: OngoingFailover): Promise<number> {
    return exclusively(endAllLock, async () => {
      const { served } = await store.readRecovery(db, current.to);
      return served === current.to ? 0 : deps.endAll(db, () => isStopped);
    });
  }

  /** True: the epoch is served, by this node's doing or another's. */
  async function serve(current: OngoingFailover): Promise<boolean> {
    const recovery = await store.readRecovery(db, current.to);
    if (recovery.served === current.to) return true;
    const isWhole = recovery.missing === 0 && recovery.covered;
    if (!recovery.isMarked || !(isWhole || recovery.isDue)) return false;
    const unknown = mustEnd(recovery) ? await endUnknown(current) : 0;
    if (isStopped) return false;
    const done = await withTransaction(db, async ({ tx }) => {
      const closedSeconds = await store.serveEpoch(tx, current.to);
      if (closedSeconds === undefined) return undefined;
      const all = toReport(current, { ...recovery, unknown, closedSeconds });
      await deps.record(tx, all);
      return all;
    });
    if (done !== undefined) finish({ kind: 'ended', report: done });
    return done !== undefined;
  }

  function finish(event: FailoverEvent): void {
    move = undefined;
    onEvent(event);
  }

  /** Seen by a read of the list: the server's epoch is not served, or is not the one of this node. */
  async function recover(seen: ServerReading, unwritten: () => readonly UnwrittenEnd[]): Promise<boolean> {
    if (move?.to !== seen.epoch) move = begin(seen);
    const current = move;
    const isServed = seen.served === seen.epoch;
    const mark = isServed ? unmarked : await store.markFailover(db, options.leaseSeconds);
    if (current.reportedTo !== mark) {
      await writeBack(current, unwritten());
      await report(current);
      current.reportedTo = mark;
      databaseClock.serveEpoch(seen.epoch);
    }
    return isServed || serve(current);
  }

  async function compare<T extends ServerProgress>(handle: Db, read: () => Promise<T>): Promise<T> {
    const before = furthest.current;
    const seen = await read();
    if (before !== undefined && isRestored(seen, before)) {
      await store.withdrawEpoch(handle, seen.server, before.counter);
      return compare(handle, read);
    }
    // Another node may have finished the recovery: requests of this one wait until it has written back as well.
    if (furthest.update(seen)) databaseClock.serveEpoch(`before the restore of ${seen.server}`);
    return seen;
  }

  return Object.freeze({
    /** Sessions are not judged: this node, or the cluster, has not written back yet. */
    isRecovering: () => databaseClock.epoch === '' || move !== undefined,
    /**
     * Takes a read of the whole list. True: sessions are judged, and this node knows what ended. False: read again soon.
     *
     * @param unwritten ends that this node knows and the list lacks
     */
    async follow(seen: ServerReading, unwritten: () => readonly UnwrittenEnd[]) {
      const isServed = seen.served === seen.epoch;
      if (isServed && databaseClock.epoch === '') databaseClock.serveEpoch(seen.epoch);
      const isAtHome = isServed && databaseClock.epoch === seen.epoch;
      const isMoving = !isAtHome || move !== undefined;
      if (!isAtHome && !(await recover(seen, unwritten))) return false;
      if (isMoving) known.rebase(seen.timeMs);
      if (move !== undefined) finish({ kind: 'joined', to: seen.epoch, ends: move.written });
      known.extend(seen.timeMs);
      return true;
    },
    /**
     * Runs a read that says how far the server has come, and returns its answer. Where the same server has older files than
     * before, no session is judged from then on until nodes have written back, and the read is repeated.
     *
     * @param db where the epoch is withdrawn: the connection of the read, when that is not in the pool yet
     */
    compare,
    /** Does the same with each new connection of the database. Returns the function that ends it. */
    checkConnections: () =>
      deps.database.onConnect(async (connection) => {
        await compare(connection, () => store.readProgress(connection));
      }),
    /** Numbers of the list begin anew, and this server's epoch is served: its sessions were looked after by hand. */
    serveRestored: store.serveRestored,
    stop() {
      isStopped = true;
    },
  });
}

function toReport(
  { from, to }: OngoingFailover,
  { reported, missing, covered, ends, unknown, closedSeconds }: Omit<FailoverReport, 'from' | 'to'>,
): FailoverReport {
  return { from, to, reported, missing, covered, ends, unknown, closedSeconds };
}
