import type { AdminAuditRow, AdminKey, AdminMinute, AdminOverview, Page } from '@latchkey/contract';
import type { PageAsked } from '../../db/page.ts';
import type { Db } from '../../db/schema.ts';
import type { AuditRow } from '../../domain/audit/audit.ts';
import type { Minute } from '../../domain/traffic/minute.ts';
import type { FlowNeeds } from '../needs.ts';
import { type Actor, assertWhole, doneBy, narrowed } from './actor.ts';

/** How many there are, and what the last hour saw. @throws forbidden a backend of one tenant */
export async function overview({ traffic, db }: FlowNeeds, actor: Actor): Promise<AdminOverview> {
  assertWhole(actor);
  const numbers = await traffic.numbers();
  const minutes = await traffic.lastHour(db);
  return {
    sessions: numbers.sessions,
    online_sessions: numbers.onlineSessions,
    sockets: numbers.sockets,
    servers: numbers.servers,
    users: numbers.users,
    tenants: numbers.tenants,
    minutes: toMinutes(minutes, numbers.sessions),
  };
}

/** The running minute has as many sessions as there are now. */
function toMinutes(minutes: readonly Minute[], running: number): AdminMinute[] {
  return minutes.map(({ at, rotations, logins, sessions }, index) => ({
    at: at.toISOString(),
    rotations,
    logins,
    sessions: index === minutes.length - 1 ? running : sessions,
  }));
}

/** @throws forbidden a backend of one tenant */
export async function listKeys({ keys, db }: FlowNeeds, actor: Actor): Promise<{ keys: AdminKey[] }> {
  assertWhole(actor);
  const rows = await keys.list(db);
  return {
    keys: rows.map(({ kid, state, createdAt, retiredAt }) => ({
      kid,
      state,
      created_at: createdAt.toISOString(),
      retired_at: retiredAt?.toISOString() ?? null,
    })),
  };
}

/** Next becomes current; `rotated: false`: another node did it a moment ago. @throws forbidden · unavailable */
export async function rotateKeys(
  { keys, audit, db }: FlowNeeds,
  actor: Actor,
): Promise<{ kid: string; rotated: boolean }> {
  assertWhole(actor);
  const record = (tx: Db, kid: string) => audit.record(tx, { ...doneBy(actor, { kid }), action: 'keys_rotated' });
  return keys.rotate(db, record, actor.deadline);
}

export interface AuditAsked extends PageAsked {
  readonly tenantId?: string | undefined;
  readonly userId?: string | undefined;
  readonly action?: string | undefined;
}

/** What happened, newest first. */
export async function listAudit(
  { audit, db }: FlowNeeds,
  actor: Actor,
  asked: AuditAsked,
): Promise<Page<'audit', AdminAuditRow>> {
  const { rows, next } = await audit.page(db, { ...asked, tenantId: narrowed(actor, asked.tenantId) });
  return { audit: rows.map(toView), next_cursor: next };
}

function toView(row: AuditRow): AdminAuditRow {
  return {
    id: row.id,
    at: row.at.toISOString(),
    action: row.action,
    tenant_id: row.tenantId,
    user_id: row.userId,
    session_id: row.sid,
    address_prefix: row.addressPrefix,
    detail: { ...row.detail },
  };
}
