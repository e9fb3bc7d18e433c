import { type SqlBool, sql } from 'kysely';
import { type Page, type PageAsked, pageOf, placeOf } from '../../db/page.ts';
import type { Db } from '../../db/schema.ts';
import type { SeenSession } from './session.ts';

/** Which live sessions a list shows; what is absent, any. */
export interface SessionsAsked extends PageAsked {
  readonly tenantId?: string | undefined;
  readonly userId?: string | undefined;
  /** Pattern of LIKE for the folded address of the user. */
  readonly emailPattern?: string | undefined;
  /** With a socket now, or without. */
  readonly online?: boolean | undefined;
}

interface SeenRow {
  sid: string;
  uid: string;
  tenant_id: string;
  email: string | null;
  user_agent: string | null;
  address_prefix: string | null;
  created_at: Date;
  last_active_at: Date;
  ends_at: Date;
  gen: number;
  bound: boolean;
  servers: { server_id: string; backend_id: string | null; sockets: number }[];
  micros: string;
}

const live = sql<SqlBool>`s.revoked_at IS NULL AND least(s.expires_at, s.idle_expires_at) > clock_timestamp()`;
const isOnline = sql<SqlBool>`EXISTS (SELECT FROM presence p JOIN servers v USING (server_id)
  WHERE p.sid = s.sid AND v.lease_until > clock_timestamp())`;

/** The newest first. @throws invalid_request the cursor */
export async function listSeen(db: Db, asked: SessionsAsked): Promise<Page<SeenSession>> {
  const { tenantId, userId, emailPattern, online } = asked;
  const after = placeOf(asked);
  const conditions = [
    live,
    tenantId !== undefined && sql<SqlBool>`s.tenant_id = ${tenantId}::text`,
    userId !== undefined && sql<SqlBool>`s.uid = ${userId}::uuid`,
    emailPattern !== undefined && sql<SqlBool>`coalesce(u.email_key, lower(u.email)) LIKE ${emailPattern}::text`,
    online !== undefined && (online ? isOnline : sql<SqlBool>`NOT ${isOnline}`),
    after !== undefined &&
      sql<SqlBool>`(s.created_at, s.sid) <
        (timestamptz 'epoch' + ${after.micros}::bigint * interval '1 microsecond', ${after.id}::uuid)`,
  ].filter((condition) => condition !== false);
  const rows = await read(db, sql.join(conditions, sql` AND `) as ReturnType<typeof sql<SqlBool>>, asked.limit + 1);
  const page = pageOf(rows, asked, (row) => [row.micros, row.sid]);
  return { rows: page.rows.map(toSeen), next: page.next };
}

/** The live session of this id. */
export async function findSeen(db: Db, sid: string): Promise<SeenSession | undefined> {
  const [row] = await read(db, sql<SqlBool>`s.sid = ${sid}::uuid AND ${live}`, 1);
  return row && toSeen(row);
}

/** Presence is looked up for the rows of the page alone. */
async function read(db: Db, condition: ReturnType<typeof sql<SqlBool>>, limit: number): Promise<SeenRow[]> {
  const { rows } = await sql<SeenRow>`
    SELECT s.*, coalesce(h.servers, '[]'::jsonb) AS servers FROM (
      SELECT s.sid, s.uid, s.tenant_id, u.email, s.user_agent, s.address_prefix, s.created_at, s.last_active_at,
        least(s.expires_at, s.idle_expires_at) AS ends_at, s.gen, s.jkt IS NOT NULL AS bound,
        (extract(epoch FROM s.created_at) * 1000000)::bigint::text AS micros
      FROM sessions s JOIN users u ON u.id = s.uid WHERE ${condition}
      ORDER BY s.created_at DESC, s.sid DESC LIMIT ${limit}::int) s
    LEFT JOIN LATERAL (SELECT jsonb_agg(jsonb_build_object('server_id', v.server_id, 'backend_id', v.backend_id,
        'sockets', p.sockets) ORDER BY v.server_id) AS servers
      FROM presence p JOIN servers v USING (server_id)
      WHERE p.sid = s.sid AND v.lease_until > clock_timestamp()) h ON true
    ORDER BY s.created_at DESC, s.sid DESC`.execute(db);
  return rows;
}

function toSeen(row: SeenRow): SeenSession {
  return {
    sid: row.sid,
    userId: row.uid,
    tenantId: row.tenant_id,
    email: row.email,
    userAgent: row.user_agent,
    addressPrefix: row.address_prefix,
    createdAt: row.created_at,
    lastActiveAt: row.last_active_at,
    expiresAt: row.ends_at,
    generation: row.gen,
    bound: row.bound,
    servers: row.servers.map((there) => ({
      serverId: there.server_id,
      backendId: there.backend_id,
      sockets: there.sockets,
    })),
  };
}
