/**
 * The epoch of a database server is `system_identifier.timeline`: it changes when a replica is promoted or a backup is
 * restored to a point in time. The table `cluster` names the epoch that is served; in any other one no session is judged.
 */

/** SQL of the server's epoch; right from the first statement after a promotion, unlike `pg_control_checkpoint()`. */
export const currentEpochSql = `(SELECT system_identifier || '.' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
      FROM pg_control_system())`;

/** SQL of how far the server's write-ahead log is on disk, in bytes. A crash does not take it back, unlike what is written. */
export const flushedLsnSql = `(pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::float8`;

/** A CTE for {@link isServedSql}: which epoch is served, and which one this is. */
export const servedEpochCte = `gate AS MATERIALIZED (SELECT served, ${currentEpochSql} AS epoch FROM cluster)`;

/**
 * SQL condition: this epoch is served, and the request was made in it. False as well when the table is empty.
 *
 * @param requestEpoch SQL of the epoch in which the request was made
 */
export function isServedSql(requestEpoch: string): string {
  return `coalesce((SELECT gate.served = gate.epoch AND gate.epoch = ${requestEpoch} FROM gate), false)`;
}
