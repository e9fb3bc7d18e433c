import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';
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
      detail: sql<AuditDetail>`${JSON.stringify(entry.detail ?? {})}::text::jsonb`,
    })
    .execute();
}

/** Newest first. */
export async function readAudit(db: Db, request: AuditRowQuery & { limit: number }): Promise<AuditRow[]> {
  const { from, to, since, before } = request;
  // Rows of one time are read in the order of an index by time. Otherwise all that is newer would be read as well.
  const isByTime = from !== undefined || to !== undefined;
  return db
    .selectFrom('audit')
    .select([
      'id',
      'at',
      'action',
      'tenant_id as tenantId',
      'uid as userId',
      'sid',
      'address_prefix as addressPrefix',
      'detail',
    ])
    .$if(request.tenantId !== undefined, (query) => query.where('tenant_id', '=', request.tenantId!))
    .$if(request.userId !== undefined, (query) => query.where('uid', '=', request.userId!))
    .$if(request.action !== undefined, (query) => query.where('action', '=', request.action!))
    .$if(request.sid !== undefined, (query) => query.where('sid', '=', request.sid!))
    .$if(from !== undefined, (query) => query.where('at', '>=', from!))
    .$if(to !== undefined, (query) => query.where('at', '<', to!))
    .$if(since !== undefined, (query) => query.where('id', '>=', since!))
    .$if(before !== undefined && !isByTime, (query) => query.where('id', '<', before!))
    .$if(before !== undefined && isByTime, (query) => query.where(isBeforeRow(before!)))
    .$if(isByTime, (query) => query.orderBy('at', 'desc'))
    .orderBy('id', 'desc')
    .limit(request.limit)
    .execute();
}

/** Deletes the oldest of the rows that were written before `until`. @returns how many */
export async function pruneAudit(tx: Db, until: Date, most: number): Promise<number> {
  const { rows } = await sql<{ pruned: number }>`SELECT prune_audit(${until}, ${most}) AS pruned`.execute(tx);
  return rows[0]!.pruned;
}

const isBeforeRow = (id: number) => sql<boolean>`(at, id) < (SELECT b.at, b.id FROM audit b WHERE b.id = ${id})`;
