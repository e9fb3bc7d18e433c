import { sql } from 'kysely';
import { currentEpochSql, flushedLsnSql } from '../../db/epoch.ts';
import type { Db } from '../../db/schema.ts';
import type { ServerProgress } from './server-progress.ts';

const epoch = sql.raw(currentEpochSql);
const isNode = sql.raw('backend_id IS NULL');
/** A node whose lease is older than the newest one by more than this had stopped before the failover. */
const maxLeaseLag = sql.raw(`interval '30 s'`);

/**
 * Marks that the current epoch is not served: from when on commits may be lost (the newest lease of a node is as old as
 * the newest commit that was surely replicated), and which nodes have to report. Repeated by others, it changes nothing.
 *
 * @param leaseSeconds how long a lease lasts
 * @returns when it was marked, in epoch ms; another moment than before asks for another report
 */
export async function markFailover(db: Db, leaseSeconds: number): Promise<number> {
  const { rows } = await sql<{ marked_ms: number }>`/* name: mark_failover */
    WITH newest AS (SELECT max(lease_until) AS lease FROM servers WHERE ${isNode}),
    marked AS (UPDATE cluster c SET moved_to = ${epoch}, moved_at = clock_timestamp(),
        tail_from = (SELECT lease FROM newest) - make_interval(secs => ${leaseSeconds}::int)
      WHERE c.served <> ${epoch} AND c.moved_to IS DISTINCT FROM ${epoch} RETURNING c.moved_to, c.moved_at),
    awaited AS (UPDATE servers s SET reported_in = NULL,
        awaited_in = CASE WHEN s.lease_until > n.lease - ${maxLeaseLag} THEN m.moved_to END
      FROM marked m, newest n WHERE s.${isNode})
    SELECT extract(epoch FROM coalesce((SELECT moved_at FROM marked), moved_at))::float8 * 1000 AS marked_ms
    FROM cluster`.execute(db);
  return rows[0]!.marked_ms;
}

/** What a node knows of the time before the failover. Times by the clock of the server before. */
interface NodeReport {
  readonly serverId: string;
  readonly epoch: string;
  /** It knows every end from here … */
  readonly fromMs: number;
  /** … to here. */
  readonly untilMs: number;
  readonly endsWritten: number;
}

/** Reads of the list are as far apart as this, at most, and leases are renewed later than that. */
const maxReadGap = sql.raw(`interval '5 s'`);

/**
 * Writes that this node has written back what it knew, and whether that covers the time of lost commits. A node without a
 * row has just started, and knew nothing.
 */
export async function reportNode(db: Db, { serverId, epoch: to, ...report }: NodeReport): Promise<void> {
  const covers = sql`EXISTS (SELECT FROM cluster WHERE to_timestamp(${report.fromMs}::float8 / 1000) <= tail_from
    AND to_timestamp(${report.untilMs}::float8 / 1000) >= tail_from - ${maxReadGap})`;
  await sql`/* name: report_node */
    UPDATE servers SET reported_in = ${to}::text, covers_tail = ${covers}, ends_written = ${report.endsWritten}::int
    WHERE server_id = ${serverId}::uuid`.execute(db);
}

/** How far the cluster is with the failover to an epoch. */
export interface RecoveryStatus {
  readonly served: string;
  readonly isMarked: boolean;
  /** Nodes had their time to report. */
  readonly isDue: boolean;
  readonly reported: number;
  readonly missing: number;
  readonly covered: boolean;
  readonly ends: number;
}

/** How long missing nodes are waited for. */
const reportTimeout = sql.raw(`interval '5 s'`);

export async function readRecovery(db: Db, to: string): Promise<RecoveryStatus> {
  const { rows } = await sql<RecoveryStatus>`/* name: read_recovery */
    SELECT c.served, c.moved_to = ${to}::text AS "isMarked", c.moved_at + ${reportTimeout} <= clock_timestamp() AS "isDue",
      count(*) FILTER (WHERE s.reported_in = ${to})::int AS reported,
      count(*) FILTER (WHERE s.awaited_in = ${to} AND s.reported_in IS DISTINCT FROM ${to})::int AS missing,
      coalesce(bool_or(s.covers_tail) FILTER (WHERE s.reported_in = ${to}), false) AS covered,
      coalesce(sum(s.ends_written) FILTER (WHERE s.reported_in = ${to}), 0)::int AS ends
    FROM cluster c LEFT JOIN servers s ON s.${isNode} GROUP BY c.one`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('The table cluster has lost its row.');
  return row;
}

/**
 * From the commit on, sessions are judged in this epoch. Says for how many seconds none was. `undefined`: the epoch is
 * served already, or the server moved on.
 */
export async function serveEpoch(db: Db, to: string): Promise<number | undefined> {
  const { rows } = await sql<{ seconds: number }>`/* name: serve_epoch */
    UPDATE cluster SET served = ${to}::text WHERE moved_to = ${to}::text AND served <> ${to}::text
      AND ${epoch} = ${to}::text
    RETURNING extract(epoch FROM clock_timestamp() - moved_at)::float8 AS seconds`.execute(db);
  return rows[0]?.seconds;
}

export async function readProgress(db: Db): Promise<ServerProgress> {
  const { rows } = await sql<ServerProgress>`/* name: read_progress */
    SELECT ${epoch} AS server, h.counter, h.seq AS head, ${sql.raw(flushedLsnSql)} AS lsn FROM blacklist_head h`.execute(
    db,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('The table blacklist_head has lost its row.');
  return row;
}

/**
 * Stops serving an epoch whose files are older than they were, and lets numbers of the list begin anew. Nothing changes
 * where another node has done so already.
 *
 * @param server the epoch of the restored server
 * @param counter the greatest one that was seen in this epoch
 */
export async function withdrawEpoch(db: Db, server: string, counter: number): Promise<void> {
  await sql`/* name: withdraw_epoch */
    WITH anew AS (UPDATE blacklist_head SET counter = ${counter}::bigint + 1
      WHERE counter <= ${counter}::bigint AND ${epoch} = ${server}::text RETURNING one)
    UPDATE cluster SET moved_to = NULL,
      served = CASE WHEN served = ${server}::text THEN 'restored from ' || ${server}::text ELSE served END
    WHERE EXISTS (SELECT FROM anew)`.execute(db);
}

/** What the restore command does beside ending sessions: numbers of the list begin anew, and this epoch is served. */
export async function serveRestored(db: Db): Promise<void> {
  await sql`/* name: serve_restored */
    WITH anew AS (UPDATE blacklist_head SET counter = counter + 1)
    UPDATE cluster SET served = ${epoch}`.execute(db);
}
