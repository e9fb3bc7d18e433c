import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { epochMicrosSql, toRowValue } from '../../db/keyset.ts';
import type { Db } from '../../db/schema.ts';
import { decodeTimeCursor, encodeCursor, type PageRequest, type RowPage, toPage } from '../pagination.ts';
import { endsAt, isLive, isNotEnded } from './live-session.sql.ts';
import type { SessionDetails } from './session.ts';

/** Which live sessions a list has. An absent member does not filter. */
export interface SessionQuery extends PageRequest {
  readonly tenantId?: string | undefined;
  readonly userId?: string | undefined;
  /** Pattern of LIKE for the folded address of the user. */
  readonly emailPattern?: string | undefined;
  /** With a socket now, or without. */
  readonly online?: boolean | undefined;
}

type SessionDetailsRow = SessionDetails & { readonly micros: string };
type Rows = RawBuilder<unknown>;

/** The whole statement has one moment. */
const live = isLive('s', 'statement_timestamp()');
const isOnline = sql<SqlBool>`EXISTS (SELECT FROM presence p JOIN servers v USING (server_id)
  WHERE p.sid = s.sid AND v.lease_until > statement_timestamp())`;

/** Rows that one page examines at most. If more rows precede, the page holds what was found, and the next cursor. */
const maxScannedRows = 5_000;
/** Up to this many users, sessions are read user by user, and not in the order of all sessions. */
const fewUsers = 1_000;

/**
 * The newest first. Expired sessions are between the live ones until they are ended, and a filter may fit few: so a page can
 * hold fewer rows than its limit, even none, before the last one.
 *
 * @throws invalid_request the cursor
 */
export async function listSessionDetails(db: Db, request: SessionQuery): Promise<RowPage<SessionDetails>> {
  const few = await candidateRows(db, request);
  const order = scanRows(request);
  const rows = await read(
    db,
    few ?? sql`${order} LIMIT ${maxScannedRows}::int`,
    all(conditionsOf(request)),
    request.limit + 1,
  );
  const page = toPage(rows, request, (row) => [row.micros, row.sid]);
  const next = page.next ?? (few === undefined ? await cursorAfterScan(db, order) : null);
  return { rows: page.rows.map(withoutMicros), next };
}

/** The live session of this id. */
export async function findSessionDetails(db: Db, sid: string): Promise<SessionDetails | undefined> {
  const [row] = await read(db, sql`SELECT * FROM sessions WHERE sid = ${sid}::uuid`, live, 1);
  return row && withoutMicros(row);
}

function conditionsOf(request: SessionQuery): RawBuilder<SqlBool>[] {
  const { emailPattern, online } = request;
  return [
    live,
    ...indexConditions(request),
    ...(emailPattern === undefined ? [] : [hasAddress(emailPattern)]),
    ...(online === undefined ? [] : [online ? isOnline : sql<SqlBool>`NOT ${isOnline}`]),
  ];
}

const hasAddress = (pattern: string) => sql<SqlBool>`coalesce(u.email_key, lower(u.email)) LIKE ${pattern}::text`;

/** Not ended, of the tenant, and behind the page before: what the index of the order can decide. */
function indexConditions(request: SessionQuery): RawBuilder<SqlBool>[] {
  const { tenantId } = request;
  const after = decodeTimeCursor(request);
  return [
    isNotEnded('s'),
    ...(tenantId === undefined ? [] : [sql<SqlBool>`s.tenant_id = ${tenantId}::text`]),
    ...(after === undefined ? [] : [sql<SqlBool>`(s.created_at, s.sid) < ${toRowValue(after)}`]),
  ];
}

function scanRows(request: SessionQuery): Rows {
  return sql`SELECT * FROM sessions s WHERE ${all(indexConditions(request))}
    ORDER BY s.created_at DESC, s.sid DESC`;
}

function all(conditions: readonly RawBuilder<SqlBool>[]): RawBuilder<SqlBool> {
  return sql.join(conditions, sql` AND `) as RawBuilder<SqlBool>;
}

/**
 * All rows that can be meant, where these are few: a user's, those of users with such an address, those with a socket. The
 * OFFSET keeps the database from walking all sessions in their order instead.
 */
async function candidateRows(db: Db, { userId, emailPattern, online }: SessionQuery): Promise<Rows | undefined> {
  if (userId !== undefined)
    return sql`SELECT * FROM sessions WHERE uid = ${userId}::uuid AND ${isNotEnded('sessions')} OFFSET 0`;
  if (emailPattern !== undefined) {
    const users = sql`SELECT u.id FROM users u WHERE ${hasAddress(emailPattern)}`;
    if (await isWithin(db, users, fewUsers))
      return sql`SELECT * FROM sessions WHERE uid IN (${users}) AND ${isNotEnded('sessions')} OFFSET 0`;
  }
  if (online) {
    const sids = sql`SELECT p.sid FROM presence p`;
    if (await isWithin(db, sids, maxScannedRows)) return sql`SELECT * FROM sessions WHERE sid IN (${sids}) OFFSET 0`;
  }
  return undefined;
}

async function isWithin(db: Db, rows: Rows, max: number): Promise<boolean> {
  const { rows: counted } = await sql<{ n: number }>`
    SELECT count(*)::float8 AS n FROM (${rows} LIMIT ${max + 1}::int) x`.execute(db);
  return counted[0]!.n <= max;
}

/** Cursor after the rows that a page has read. `null`: there are no more rows. */
async function cursorAfterScan(db: Db, order: Rows): Promise<string | null> {
  const { rows } = await sql<{ micros: string; sid: string }>`
    SELECT ${micros}, s.sid FROM (${order} OFFSET ${maxScannedRows - 1}::int LIMIT 1) s`.execute(db);
  return rows[0] === undefined ? null : encodeCursor([rows[0].micros, rows[0].sid]);
}

const micros = sql`${epochMicrosSql('s.created_at')} AS micros`;

const withoutMicros = ({ micros, ...session }: SessionDetailsRow): SessionDetails => session;

/** Presence is looked up for the rows of the page alone. */
async function read(db: Db, source: Rows, condition: RawBuilder<SqlBool>, limit: number): Promise<SessionDetailsRow[]> {
  const { rows } = await sql<SessionDetailsRow>`
    SELECT s.*, coalesce(h.servers, '[]'::jsonb) AS servers FROM (
      SELECT s.sid, s.uid AS "userId", s.tenant_id AS "tenantId", u.email, s.user_agent AS "userAgent",
        s.address_prefix AS "addressPrefix", s.created_at AS "createdAt", s.last_active_at AS "lastActiveAt",
        ${sql.raw(endsAt('s'))} AS "expiresAt", s.gen AS generation, s.jkt IS NOT NULL AS bound, ${micros}
      FROM (${source}) s JOIN users u ON u.id = s.uid WHERE ${condition}
      ORDER BY s.created_at DESC, s.sid DESC LIMIT ${limit}::int) s
    LEFT JOIN LATERAL (SELECT jsonb_agg(jsonb_build_object('serverId', v.server_id, 'backendId', v.backend_id,
        'sockets', p.sockets) ORDER BY v.server_id) AS servers
      FROM presence p JOIN servers v USING (server_id)
      WHERE p.sid = s.sid AND v.lease_until > statement_timestamp()) h ON true
    ORDER BY s."createdAt" DESC, s.sid DESC`.execute(db);
  return rows;
}
