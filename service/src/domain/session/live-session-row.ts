import type { LiveSession } from './session.ts';

/** A session's row as a statement has just proved it alive, with whatever a grant is made from. */
export interface LiveSessionRow {
  readonly sid: string;
  readonly gen: number;
  readonly tag: Buffer;
  readonly uid: string;
  readonly tenant_id: string;
  readonly jkt: string | null;
  readonly auth_time: number;
  readonly amr: string[];
  readonly scope: string | null;
  readonly claims: Record<string, unknown>;
  readonly idle_seconds: number | null;
  readonly t_ms: number;
  readonly expires_ms: number;
  readonly idle_expires_ms: number | null;
}

/** The mapping of live rows, also for the module that rotates tokens. */
export interface LiveRowMapper {
  /** Columns of a {@link LiveSessionRow} that no rotation changes: all but `sid`, `gen` and `tag`. */
  columns(table: string, provedAt: string): string;
  toSession(row: LiveSessionRow): LiveSession;
}

export const liveRowMapper: LiveRowMapper = Object.freeze<LiveRowMapper>({
  columns: (table, provedAt) => `${table}.uid, ${table}.tenant_id, ${table}.jkt, ${table}.auth_time, ${table}.amr,
      ${table}.scope, ${table}.claims, ${table}.idle_seconds, ${milliseconds(provedAt)} AS t_ms,
      ${milliseconds(`${table}.expires_at`)} AS expires_ms, ${milliseconds(`${table}.idle_expires_at`)} AS idle_expires_ms`,
  toSession: (row) => ({
    sid: row.sid,
    gen: row.gen,
    tag: row.tag,
    userId: row.uid,
    tenantId: row.tenant_id,
    jkt: row.jkt,
    authTime: row.auth_time,
    amr: row.amr,
    scope: row.scope,
    claims: row.claims,
    idleSeconds: row.idle_seconds,
    readAtMs: row.t_ms,
    expiresAtMs: row.expires_ms,
    idleExpiresAtMs: row.idle_expires_ms,
  }),
});

function milliseconds(time: string): string {
  return `(extract(epoch FROM ${time}) * 1000)::float8`;
}
