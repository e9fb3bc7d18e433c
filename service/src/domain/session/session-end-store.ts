import type { EndReason } from '@latchkey/contract';
import { type RawBuilder, sql } from 'kysely';
import { type Deadline, isLate, lateSql, timestampFromMs } from '../../db/deadline.ts';
import type { Db } from '../../db/schema.ts';
import { endsAt, isLive, isNotEnded } from './live-session.sql.ts';
import type { EndTarget } from './session.ts';
import type { EndRequest } from './session-end-batcher.ts';

const live = isLive('s', 'clock_timestamp()');

export interface EndOptions {
  readonly appendRevocations: (interval: string) => string;
  readonly retentionSeconds: number;
}

/** Which rows end, and the name that this spelling of the statement is prepared under. */
interface EndStatement {
  readonly name: string;
  readonly rows: RawBuilder<unknown>;
  readonly reason: RawBuilder<unknown>;
  /** After this moment a row is late; null: never. */
  readonly until: RawBuilder<Date>;
  /** Rows that were created after this moment are left alone; null: none. */
  readonly createdBefore: RawBuilder<Date>;
}

function toEndStatement(target: EndTarget): Pick<EndStatement, 'name' | 'rows'> {
  if ('sids' in target) return { name: 'end_sessions', rows: sql`s.sid = ANY(${target.sids}::uuid[])` };
  const ofUser = sql`s.uid = ${target.userId}::uuid`;
  if ('sid' in target) return { name: 'end_session', rows: sql`s.sid = ${target.sid}::uuid AND ${ofUser}` };
  if (target.except === undefined) return { name: 'end_of_user', rows: ofUser };
  return { name: 'end_others', rows: sql`${ofUser} AND s.sid <> ${target.except}::uuid` };
}

/** What one statement did. */
export interface EndResult {
  readonly ended: readonly string[];
  /** Sessions that stay live, because the deadline had passed when their row was locked. */
  readonly late: readonly string[];
  /** The statement found nothing to end, and its deadline had passed. */
  readonly isLate: boolean;
}

/** Ends live sessions, their blacklist rows and the hint in one statement; none that were created after `asked`. */
export async function endSessions(
  db: Db,
  { target, reason, deadline }: { target: EndTarget; reason: EndReason; deadline?: Deadline },
  options: EndOptions,
): Promise<EndResult> {
  const { name, rows } = toEndStatement(target);
  const ending = { name, rows: sql`${rows} AND ${live}`, reason: sql`${reason}::text`, ...boundsOf(deadline) };
  return toEndResult(await endMatching(db, ending, options), deadline);
}

/** Ends each of these sessions, no id twice, if it lives and is this user's, in one statement. */
export async function endMany(
  db: Db,
  requests: readonly EndRequest[],
  options: EndOptions,
): Promise<Pick<EndResult, 'ended' | 'late'>> {
  const sids = sql`${requests.map(({ sid }) => sid)}::uuid[]`;
  const turn = sql`[array_position(${sids}, s.sid)]`;
  const found = await endMatching(
    db,
    {
      name: 'end_each',
      rows: sql`s.sid = ANY(${sids}) AND s.uid = (${requests.map(({ userId }) => userId)}::uuid[])${turn} AND ${live}`,
      reason: sql`(${requests.map((request) => request.reason)}::text[])${turn}`,
      until: timestampFromMs(sql`(${requests.map(({ deadline }) => deadline.until)}::float8[])${turn}`),
      createdBefore: timestampFromMs(sql`(${requests.map(({ deadline }) => deadline.createdBefore)}::float8[])${turn}`),
    },
    options,
  );
  const seen = new Set([...found.ended, ...found.late]);
  const unseen = requests.filter(({ sid, deadline }) => !seen.has(sid) && isLate(found.now_ms, deadline.until));
  return { ended: found.ended, late: [...found.late, ...unseen.map(({ sid }) => sid)] };
}

/** Ends all live sessions of a user in one statement: `current` as `logout`, the others as `ended_by_user`. */
export async function endAllOfUser(
  db: Db,
  { userId, current, deadline }: { userId: string; current: string; deadline: Deadline },
  options: EndOptions,
): Promise<EndResult> {
  const rows = sql`s.uid = ${userId}::uuid AND ${live}`;
  const reason = sql`CASE WHEN s.sid = ${current}::uuid THEN 'logout' ELSE 'ended_by_user' END`;
  return toEndResult(
    await endMatching(db, { name: 'end_everywhere', rows, reason, ...boundsOf(deadline) }, options),
    deadline,
  );
}

/**
 * Ends sessions that have expired, each with its reason and its blacklist row. Judges the rows as they are now.
 *
 * @returns the reason of each session that it ended
 */
export async function endExpired(
  db: Db,
  sids: readonly string[],
  options: EndOptions,
): Promise<ReadonlyMap<string, EndReason>> {
  const rows = sql`s.sid = ANY(${sids}::uuid[]) AND ${isNotEnded('s')}
    AND ${sql.raw(endsAt('s'))} <= clock_timestamp()`;
  const reason = sql`CASE WHEN s.expires_at <= w.t THEN 'expired' ELSE 'idle_timeout' END`;
  const { ended, reasons } = await endMatching(
    db,
    { name: 'end_expired', rows, reason, ...boundsOf(undefined) },
    options,
  );
  return new Map(ended.map((sid, index) => [sid, reasons[index]!]));
}

const boundsOf = (deadline: Deadline | undefined): Pick<EndStatement, 'until' | 'createdBefore'> => ({
  until: timestampFromMs(deadline?.until ?? null),
  createdBefore: timestampFromMs(deadline?.createdBefore ?? null),
});

function toEndResult({ ended, late, now_ms }: EndRow, deadline: Deadline | undefined): EndResult {
  const foundNone = ended.length + late.length === 0;
  return { ended, late, isLate: foundNone && deadline !== undefined && isLate(now_ms, deadline.until) };
}

interface EndRow {
  readonly ended: string[];
  /** In the order of `ended`. */
  readonly reasons: EndReason[];
  readonly late: string[];
  readonly now_ms: number;
}

/** A row is late by the time after its lock; a condition beside FOR UPDATE would be judged before the wait. */
const isLateRow = sql.raw(lateSql('w.t', 'w.until'));

async function endMatching(
  db: Db,
  { name, rows: which, reason, until, createdBefore }: EndStatement,
  { appendRevocations, retentionSeconds }: EndOptions,
): Promise<EndRow> {
  const { rows } = await sql<EndRow>`${sql.raw(`/* name: ${name} */`)}
    WITH target AS MATERIALIZED (SELECT s.sid, ${until} AS until FROM sessions s
      WHERE ${which} AND s.created_at <= coalesce(${createdBefore}, 'infinity') ORDER BY s.sid FOR NO KEY UPDATE),
    w AS MATERIALIZED (SELECT sid, until, clock_timestamp() AS t FROM target),
    upd AS (UPDATE sessions s SET revoked_at = w.t, touched_at = w.t, revoke_reason = ${reason}
      FROM w WHERE s.sid = w.sid AND ${isLateRow} IS NOT TRUE RETURNING s.sid, s.revoke_reason, w.t),
    dead AS (SELECT sid, t, revoke_reason, row_number() OVER (ORDER BY sid) rn, count(*) OVER () n,
      make_interval(secs => ${retentionSeconds}::float8) AS keep FROM upd),
    ${sql.raw(appendRevocations('keep'))}
    SELECT coalesce((SELECT array_agg(sid::text ORDER BY sid) FROM upd), '{}') AS ended,
      coalesce((SELECT array_agg(revoke_reason ORDER BY sid) FROM upd), '{}') AS reasons,
      coalesce((SELECT array_agg(w.sid::text) FROM w WHERE ${isLateRow}), '{}') AS late,
      (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms, (SELECT count(*) FROM note) AS notes`.execute(
    db,
  );
  return rows[0]!;
}
