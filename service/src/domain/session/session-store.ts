import { type EndReason, fail } from '@latchkey/contract';
import type { SessionInspection } from '@latchkey/core';
import { sql } from 'kysely';
import { lateSql, timestampFromMs } from '../../db/deadline.ts';
import { isServedSql, servedEpochCte } from '../../db/epoch.ts';
import type { Db } from '../../db/schema.ts';
import { isLive, isNotEnded, liveColumns } from './live-session.sql.ts';
import type { LiveSession, NewSession, SessionPolicy, SessionSummary } from './session.ts';

const live = isLive('s', 'clock_timestamp()');

/** A live row of the table `s`, proved at the moment `provedAt`. */
const columns = (provedAt: string) => sql.raw(`s.sid, s.gen, s.tag, ${liveColumns('s', provedAt)}`);

/** The CTEs `gate` and `asked(is_served)`: whether sessions are judged in the epoch of the request. */
const epochCtes = (epoch: string) => sql`${sql.raw(servedEpochCte)},
    asked AS MATERIALIZED (SELECT ${sql.raw(isServedSql('a.epoch'))} AS is_served FROM (SELECT ${epoch}::text) a(epoch))`;

export interface SessionLimits {
  readonly activeMinutes: number;
  readonly idleMinutes: number | null;
}

/**
 * Opens the session of a code, generation 1. The primary key makes the code single-use; the lock on the user's row
 * serialises the session cap against disabling, logouts and other logins, the one on the tenant's row its limits against
 * their change. The tenant's row is locked first, as where a tenant is disabled, which then locks its operators. The time is
 * read after these locks. `undefined`: the session exists already, it is too late, the tenant is
 * disabled, or the user is deleted, disabled, or was signed out everywhere since.
 *
 * @throws unavailable the database epoch is not served, or another one than that of the request
 */
export async function openSession(
  db: Db,
  session: NewSession,
  limits: SessionLimits,
): Promise<(LiveSession & SessionPolicy) | undefined> {
  const { rows } = await sql<EpochCheckedRow<LiveSession & SessionPolicy>>`/* name: open_session */
    WITH ${epochCtes(session.epoch)},
    tenant AS MATERIALIZED (SELECT n.id, n.max_active_minutes, n.max_idle_minutes, n.max_sessions, n.session_limit
      FROM asked JOIN tenants n ON asked.is_served
      WHERE n.id = (SELECT tenant_id FROM users WHERE id = ${session.userId}::uuid) AND n.disabled_at IS NULL
        AND n.code_version = coalesce(${session.codeVersion}::int, n.code_version)
      FOR SHARE OF n),
    locked AS MATERIALIZED (SELECT u.id, u.tenant_id, n.max_active_minutes, n.max_idle_minutes, n.max_sessions, n.session_limit
      FROM tenant n JOIN users u ON u.tenant_id = n.id
      WHERE u.id = ${session.userId}::uuid AND u.disabled_at IS NULL
        AND u.credential_version = ${session.credentialVersion}::int
      FOR NO KEY UPDATE OF u),
    c AS MATERIALIZED (SELECT l.*, clock_timestamp() AS t, ${timestampFromMs(session.until)} AS until FROM locked l),
    opened AS (INSERT INTO sessions AS s (sid, uid, tenant_id, gen, tag, touched_at, h_gen, h_key, h_at, idle_seconds, idle_expires_at,
      expires_at, jkt, auth_time, amr, scope, claims, user_agent, address_prefix, created_at, last_active_at)
    SELECT ${session.sid}::uuid, c.id, c.tenant_id, 1, ${session.tag}::bytea, c.t, '{0}', ARRAY[${session.tag}::bytea],
      ARRAY[c.t], l.idle * 60, c.t + make_interval(mins => l.idle),
      date_trunc('second', c.t + make_interval(mins => l.active)), ${session.jkt}::text, ${session.authTime}::int,
      ${session.amr}::text[], ${session.scope}::text, ${JSON.stringify(session.claims)}::jsonb, ${session.userAgent}::text,
      ${session.addressPrefix}::text, c.t, c.t
    FROM c CROSS JOIN LATERAL (SELECT coalesce(c.max_active_minutes, ${limits.activeMinutes}::int) AS active,
      coalesce(c.max_idle_minutes, ${limits.idleMinutes}::int) AS idle) l
    WHERE NOT ${sql.raw(lateSql('c.t', 'c.until'))}
    ON CONFLICT (sid) DO NOTHING
    RETURNING ${columns('s.created_at')})
    SELECT asked.is_served, opened.*, locked.max_sessions AS "maxSessions", locked.session_limit AS "sessionLimit"
    FROM asked LEFT JOIN opened ON true LEFT JOIN locked ON true`.execute(db);
  return toLiveSession(rows);
}

/** A live session's columns, null where there is none, and whether the database epoch is served. */
type EpochCheckedRow<Session> = { readonly is_served: boolean } & (Session | { readonly sid: null });

function toLiveSession<Session extends LiveSession>([row]: readonly EpochCheckedRow<Session>[]): Session | undefined {
  if (row?.is_served !== true) throw notServed();
  if (row.sid === null) return undefined;
  const { is_served, ...session } = row;
  return session as unknown as Session;
}

const notServed = () => fail('unavailable', { detail: 'the database epoch is not served', retryAfterMs: 500 });

/**
 * The session as it lives now, for a token that is to be issued or judged. `undefined`: it does not.
 *
 * @throws unavailable the database epoch is not served, or another one than that of the request
 */
export async function readLiveInEpoch(db: Db, sid: string, epoch: string): Promise<LiveSession | undefined> {
  const { rows } = await sql<EpochCheckedRow<LiveSession>>`/* name: prove_live */ WITH ${epochCtes(epoch)}
    SELECT asked.is_served, ${columns('clock_timestamp()')}
    FROM asked LEFT JOIN sessions s ON s.sid = ${sid}::uuid AND ${live}`.execute(db);
  return toLiveSession(rows);
}

/** The session as it lives now; `undefined` when it does not. */
export async function readLive(db: Db, sid: string): Promise<LiveSession | undefined> {
  const { rows } = await sql<LiveSession>`/* name: read_live */
    SELECT ${columns('clock_timestamp()')} FROM sessions s WHERE s.sid = ${sid}::uuid AND ${live}`.execute(db);
  return rows[0];
}

/** Tenants of the sessions, by session id. A session without a row is missing. */
export async function readTenants(db: Db, sids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ sid: string; tenant_id: string }>`/* name: read_session_tenants */
    SELECT s.sid, s.tenant_id FROM sessions s WHERE s.sid = ANY(${sids}::uuid[])`.execute(db);
  return new Map(rows.map((row) => [row.sid, row.tenant_id]));
}

interface StateRow {
  sid: string;
  revoke_reason: EndReason | null;
  absolute: number;
  idle: number | null;
}

/**
 * Which of the sessions live, for how long. The session of a deleted row ended long ago.
 *
 * @throws unavailable the database epoch is not served, or another one than that of the request: a row may be missing
 * because its commit was lost
 */
export async function readStates(db: Db, sids: readonly string[], epoch: string): Promise<SessionInspection[]> {
  const { rows } = await sql<{ is_served: boolean } & (StateRow | { sid: null })>`/* name: read_states */
    WITH ${epochCtes(epoch)}
    SELECT asked.is_served, s.sid, s.revoke_reason,
      extract(epoch FROM s.expires_at - clock_timestamp())::float8 AS absolute,
      extract(epoch FROM s.idle_expires_at - clock_timestamp())::float8 AS idle
    FROM asked LEFT JOIN sessions s ON s.sid = ANY(${sids}::uuid[])`.execute(db);
  if (rows[0]?.is_served !== true) throw notServed();
  const found = new Map(rows.flatMap((row) => (row.sid === null ? [] : [[row.sid, row] as const])));
  return sids.map((sid) => toState(sid, found.get(sid)));
}

function toState(sid: string, row: StateRow | undefined): SessionInspection {
  if (row === undefined) return { sid, alive: false, reason: 'expired' };
  if (row.revoke_reason !== null) return { sid, alive: false, reason: row.revoke_reason };
  if (row.absolute <= 0) return { sid, alive: false, reason: 'expired' };
  if (row.idle !== null && row.idle <= 0) return { sid, alive: false, reason: 'idle_timeout' };
  return { sid, alive: true, expiresInSeconds: row.absolute, idleExpiresInSeconds: row.idle };
}

/** A user's live sessions, the newest activity first. */
export async function listLive(db: Db, userId: string): Promise<SessionSummary[]> {
  const { rows } = await sql<SessionSummary>`
    SELECT s.sid, s.user_agent AS "userAgent", s.address_prefix AS "addressPrefix", s.created_at AS "createdAt",
      s.last_active_at AS "lastActiveAt", s.expires_at AS "expiresAt",
      EXISTS (SELECT FROM presence p JOIN servers v USING (server_id)
        WHERE p.sid = s.sid AND v.lease_until > clock_timestamp()) AS online
    FROM sessions s WHERE s.uid = ${userId}::uuid AND ${live} ORDER BY s.last_active_at DESC, s.sid`.execute(db);
  return rows;
}

/**
 * Sessions of a user that are too many beside `opened`, the oldest. It is left out by name: the database's clock may have
 * been set back, so that others seem to be newer.
 *
 * @param opened `sid` is null for a session that is still to be opened
 */
export async function listExcess(
  db: Db,
  opened: { readonly sid: string | null; readonly userId: string },
  max: number,
): Promise<string[]> {
  const { rows } = await sql<{ sid: string }>`/* name: list_beyond */
    SELECT s.sid FROM sessions s WHERE s.uid = ${opened.userId}::uuid AND s.sid IS DISTINCT FROM ${opened.sid}::uuid AND ${live}
    ORDER BY s.created_at DESC, s.sid OFFSET ${max - 1}::int`.execute(db);
  return rows.map((row) => row.sid);
}

/** The newest token of each session is stored by its browser. */
export async function confirmStored(db: Db, stored: ReadonlyMap<string, number>): Promise<void> {
  await sql`/* name: confirm_stored */
    WITH req AS MATERIALIZED (SELECT * FROM unnest(${[...stored.keys()]}::uuid[], ${[...stored.values()]}::int[]) r(sid, gen)),
    locked AS MATERIALIZED (SELECT s.sid, r.gen FROM req r JOIN sessions s ON s.sid = r.sid ORDER BY s.sid
      FOR NO KEY UPDATE OF s)
    UPDATE sessions s SET confirmed = true, touched_at = clock_timestamp() FROM locked l
    WHERE s.sid = l.sid AND s.gen = l.gen AND NOT s.confirmed AND ${isNotEnded('s')}`.execute(db);
}

/**
 * The user was active: moves the idle limit. It counts from the time of the activity, however late this is carried out.
 *
 * @param seen session ids, each with that time in epoch ms of the database's clock
 */
export async function markActive(db: Db, seen: ReadonlyMap<string, number>): Promise<void> {
  await sql`/* name: mark_active */
    WITH req AS MATERIALIZED (SELECT * FROM unnest(${[...seen.keys()]}::uuid[], ${[...seen.values()]}::float8[]) r(sid, seen_ms)),
    locked AS MATERIALIZED (SELECT s.sid, s.idle_seconds, s.last_active_at, ${timestampFromMs(sql`r.seen_ms`)} AS seen
      FROM req r JOIN sessions s ON s.sid = r.sid WHERE ${live} ORDER BY s.sid FOR NO KEY UPDATE OF s),
    c AS MATERIALIZED (SELECT l.*, greatest(l.last_active_at, least(l.seen, clock_timestamp())) AS active FROM locked l)
    UPDATE sessions s SET last_active_at = c.active, idle_expires_at = c.active + make_interval(secs => c.idle_seconds)
    FROM c WHERE s.sid = c.sid`.execute(db);
}

/** Erases what was stored about the browser and the claims in all sessions of a user, also in those that have ended. */
export async function eraseSessionDetails(tx: Db, userId: string): Promise<void> {
  await sql`/* name: erase_session_details */
    WITH own AS MATERIALIZED (SELECT s.sid FROM sessions s WHERE s.uid = ${userId}::uuid AND ${isNotEnded('s')}
      UNION ALL SELECT s.sid FROM sessions s WHERE s.uid = ${userId}::uuid AND s.revoked_at IS NOT NULL),
    target AS MATERIALIZED (SELECT s.sid FROM sessions s WHERE s.sid = ANY(ARRAY(SELECT o.sid FROM own o))
      ORDER BY s.sid FOR NO KEY UPDATE)
    UPDATE sessions s SET user_agent = NULL, address_prefix = NULL, claims = '{}' FROM target t WHERE s.sid = t.sid`.execute(
    tx,
  );
}

/** Replaces the claims of every live session of a user that has others. Returns their ids. */
export async function replaceClaims(
  db: Db,
  userId: string,
  claims: Readonly<Record<string, unknown>>,
): Promise<string[]> {
  const { rows } = await sql<{ sid: string }>`/* name: replace_claims */
    WITH target AS MATERIALIZED (SELECT s.sid FROM sessions s WHERE s.uid = ${userId}::uuid AND ${live} AND s.claims IS DISTINCT FROM ${JSON.stringify(claims)}::jsonb
      ORDER BY s.sid FOR NO KEY UPDATE OF s)
    UPDATE sessions s SET claims = ${JSON.stringify(claims)}::jsonb FROM target t WHERE s.sid = t.sid
    RETURNING s.sid`.execute(db);
  return rows.map(({ sid }) => sid);
}
