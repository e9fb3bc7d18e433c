import type { EndReason } from '@latchkey/contract';
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/schema.ts';
import type { EndTarget } from './session.ts';
import type { EndRequest } from './session-end-batch.ts';

export const isLive = sql.raw(`s.revoked_at IS NULL AND least(s.expires_at, s.idle_expires_at) > clock_timestamp()`);

export interface EndOptions {
  readonly appendDead: (interval: string) => string;
  readonly keepSeconds: number;
}

/** Which rows end, and the name that this spelling of the statement is prepared under. */
type Ending = Readonly<{ name: string; rows: RawBuilder<unknown> }>;

function endingOf(target: EndTarget): Ending {
  if ('sids' in target) return { name: 'end_sessions', rows: sql`s.sid = ANY(${target.sids}::uuid[])` };
  const ofUser = sql`s.uid = ${target.userId}::uuid`;
  if ('sid' in target) return { name: 'end_session', rows: sql`s.sid = ${target.sid}::uuid AND ${ofUser}` };
  if (target.except === undefined) return { name: 'end_of_user', rows: ofUser };
  return { name: 'end_others', rows: sql`${ofUser} AND s.sid <> ${target.except}::uuid` };
}

/** Ends live sessions, their blacklist rows and the hint in one statement. Says which. */
export async function endSessions(
  db: Db,
  target: EndTarget,
  reason: EndReason,
  options: EndOptions,
): Promise<string[]> {
  const { name, rows } = endingOf(target);
  return endRows(db, { name, rows: sql`${rows} AND ${isLive}` }, sql`${reason}::text`, options);
}

/** Ends each of these sessions, no id twice, if it lives and is this user's, in one statement. Says which. */
export async function endEach(db: Db, requests: readonly EndRequest[], options: EndOptions): Promise<string[]> {
  const sids = sql`${requests.map(({ sid }) => sid)}::uuid[]`;
  const turn = sql`[array_position(${sids}, s.sid)]`;
  const rows = sql`s.sid = ANY(${sids}) AND s.uid = (${requests.map(({ userId }) => userId)}::uuid[])${turn} AND ${isLive}`;
  const reason = sql`(${requests.map((request) => request.reason)}::text[])${turn}`;
  return endRows(db, { name: 'end_each', rows }, reason, options);
}

/** Ends all live sessions of a user in one statement; to all but `current` it happens from elsewhere. Says which. */
export async function endEverywhere(db: Db, userId: string, current: string, options: EndOptions): Promise<string[]> {
  const rows = sql`s.uid = ${userId}::uuid AND ${isLive}`;
  const reason = sql`CASE WHEN s.sid = ${current}::uuid THEN 'logout' ELSE 'ended_elsewhere' END`;
  return endRows(db, { name: 'end_everywhere', rows }, reason, options);
}

/** Settles sessions whose time is over: they get their reason and their blacklist row. */
export async function endExpired(db: Db, sids: readonly string[], options: EndOptions): Promise<string[]> {
  const due = sql`s.sid = ANY(${sids}::uuid[]) AND s.revoked_at IS NULL
    AND least(s.expires_at, s.idle_expires_at) <= clock_timestamp()`;
  const reason = sql`CASE WHEN s.expires_at <= w.t THEN 'absolute' ELSE 'idle' END`;
  return endRows(db, { name: 'end_expired', rows: due }, reason, options);
}

async function endRows(
  db: Db,
  { name, rows: which }: Ending,
  reason: RawBuilder<unknown>,
  { appendDead, keepSeconds }: EndOptions,
): Promise<string[]> {
  const { rows } = await sql<{ sid: string }>`${sql.raw(`/* name: ${name} */`)}
    WITH target AS MATERIALIZED (SELECT s.sid FROM sessions s WHERE ${which} ORDER BY s.sid FOR NO KEY UPDATE),
    w AS MATERIALIZED (SELECT sid, clock_timestamp() AS t FROM target),
    upd AS (UPDATE sessions s SET revoked_at = w.t, touched_at = w.t, revoke_reason = ${reason}
      FROM w WHERE s.sid = w.sid RETURNING s.sid, s.revoke_reason, w.t),
    dead AS (SELECT sid, t, revoke_reason, row_number() OVER (ORDER BY sid) rn, count(*) OVER () n,
      make_interval(secs => ${keepSeconds}::float8) AS keep FROM upd),
    ${sql.raw(appendDead('keep'))}
    SELECT sid, (SELECT count(*) FROM note) AS notes FROM upd ORDER BY sid`.execute(db);
  return rows.map((row) => row.sid);
}
