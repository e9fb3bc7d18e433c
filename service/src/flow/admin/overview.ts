import type { AdminAuditRow, AdminKey, AdminOverview, AdminTrafficMinute, CursorPage } from '@latchkey/contract';
import type { Db } from '../../db/schema.ts';
import type { AuditRow, AuditRowQuery } from '../../domain/audit/audit.ts';
import type { PageRequest } from '../../domain/pagination.ts';
import type { MinuteCounts } from '../../domain/traffic/traffic-store.ts';
import type { FlowContext } from '../context.ts';
import { type Actor, assertAllTenants, auditFields, scopeToTenant } from './actor.ts';

/** How many there are, and what the last hour saw. @throws forbidden a backend of one tenant */
export async function getOverview(
  { traffic, db }: Pick<FlowContext, 'db' | 'traffic'>,
  actor: Actor,
): Promise<AdminOverview> {
  assertAllTenants(actor);
  const numbers = await traffic.totals();
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
function toMinutes(minutes: readonly MinuteCounts[], running: number): AdminTrafficMinute[] {
  return minutes.map(({ at, rotations, logins, sessions }, index) => ({
    at: at.toISOString(),
    rotations,
    logins,
    sessions: index === minutes.length - 1 ? running : sessions,
  }));
}

/** @throws forbidden a backend of one tenant */
export async function listKeys(
  { keys, db }: Pick<FlowContext, 'db' | 'keys'>,
  actor: Actor,
): Promise<{ keys: AdminKey[] }> {
  assertAllTenants(actor);
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
  { keys, audit, db }: Pick<FlowContext, 'audit' | 'db' | 'keys'>,
  actor: Actor,
): Promise<{ kid: string; rotated: boolean }> {
  assertAllTenants(actor);
  const record = (tx: Db, kid: string) => audit.record(tx, { ...auditFields(actor, { kid }), action: 'keys_rotated' });
  return keys.rotate(db, record, actor.deadline);
}

export type AuditLogFilter = PageRequest & Omit<AuditRowQuery, 'before' | 'limit'>;

/** What happened, newest first. A tenant that was deleted has rows, too. @throws tenant_unknown not the actor's */
export async function listAudit(
  { audit, db }: Pick<FlowContext, 'audit' | 'db'>,
  actor: Actor,
  filter: AuditLogFilter,
): Promise<CursorPage<'audit', AdminAuditRow>> {
  const { rows, next } = await audit.page(db, { ...filter, tenantId: scopeToTenant(actor, filter.tenantId) });
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
