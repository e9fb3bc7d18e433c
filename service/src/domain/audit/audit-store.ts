import { type Selectable, sql } from 'kysely';
import type { AuditTable, Db } from '../../db/schema.ts';
import type { AuditDetail, AuditEntry, AuditRow, AuditRowQuery } from './audit.ts';

export async function insertAudit(db: Db, entry: AuditEntry): Promise<void> {
  await db
    .insertInto('audit')
    .values({
      action: entry.action,
      tenant_id: entry.tenantId ?? null,
      uid: entry.userId ?? null,
      sid: entry.sid ?? null,
      address_prefix: entry.addressPrefix ?? null,
      detail: sql`${JSON.stringify(entry.detail ?? {})}::text::jsonb`,
    })
    .execute();
}

/** Newest first. */
export async function readAudit(db: Db, request: AuditRowQuery & { limit: number }): Promise<AuditRow[]> {
  const rows = await db
    .selectFrom('audit')
    .select(['id', 'at', 'action', 'tenant_id', 'uid', 'sid', 'address_prefix', 'detail'])
    .$if(request.tenantId !== undefined, (query) => query.where('tenant_id', '=', request.tenantId!))
    .$if(request.userId !== undefined, (query) => query.where('uid', '=', request.userId!))
    .$if(request.action !== undefined, (query) => query.where('action', '=', request.action!))
    .$if(request.before !== undefined, (query) => query.where('id', '<', request.before!))
    .orderBy('id', 'desc')
    .limit(request.limit)
    .execute();
  return rows.map(toRow);
}

function toRow(row: Selectable<AuditTable>): AuditRow {
  return {
    id: row.id,
    at: row.at,
    action: row.action,
    tenantId: row.tenant_id,
    userId: row.uid,
    sid: row.sid,
    addressPrefix: row.address_prefix,
    detail: row.detail as AuditDetail,
  };
}
