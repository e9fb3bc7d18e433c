import { type Selectable, sql } from 'kysely';
import type { AuditTable, Db } from '../../db/schema.ts';
import type { AuditDetail, AuditEntry, AuditQuestion, AuditRow } from './audit.ts';

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
export async function readAudit(db: Db, asked: AuditQuestion & { limit: number }): Promise<AuditRow[]> {
  const rows = await db
    .selectFrom('audit')
    .select(['id', 'at', 'action', 'tenant_id', 'uid', 'sid', 'address_prefix', 'detail'])
    .$if(asked.tenantId !== undefined, (query) => query.where('tenant_id', '=', asked.tenantId!))
    .$if(asked.userId !== undefined, (query) => query.where('uid', '=', asked.userId!))
    .$if(asked.action !== undefined, (query) => query.where('action', '=', asked.action!))
    .$if(asked.before !== undefined, (query) => query.where('id', '<', asked.before!))
    .orderBy('id', 'desc')
    .limit(asked.limit)
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
