import { fail } from '@latchkey/contract';
import { sql } from 'kysely';
import { columnsSql } from '../../db/columns.ts';
import type { Db } from '../../db/schema.ts';
import { decodeNameCursor, type PageRequest, type RowPage, toPage } from '../pagination.ts';
import type { Backend } from './backend.ts';

const columns = [
  'id',
  'name',
  'tenant_id as tenantId',
  'scopes',
  'origins',
  'created_at as createdAt',
  'disabled_at as disabledAt',
] as const;

/** A backend and the hashes of the secrets that open for it, the newest first. */
export interface BackendRecord {
  readonly backend: Backend;
  readonly hashes: readonly Buffer[];
}

/** @throws identifier_taken · tenant_unknown */
export async function insertBackend(
  db: Db,
  backend: Omit<Backend, 'createdAt' | 'disabledAt'>,
  hash: Buffer,
): Promise<Backend> {
  const { id, name, tenantId, scopes, origins } = backend;
  const { rows } = await sql<Backend>`/* name: insert_backend */
    INSERT INTO backends (id, name, secret_hash, tenant_id, scopes, origins)
    VALUES (${id}, ${name}, ${hash}::bytea, ${tenantId}::text, ${scopes}::text[], ${origins}::text[])
    ON CONFLICT (id) DO NOTHING
    RETURNING ${columnsSql(columns)}`
    .execute(db)
    .catch(rethrowUnknownTenant);
  if (rows[0] === undefined) throw fail('identifier_taken', { message: 'There is a backend with this id already.' });
  return rows[0];
}

function rethrowUnknownTenant(error: { code?: unknown }): never {
  // 23503: the tenant that the row names is not there.
  if (error.code === '23503') throw fail('tenant_unknown', { cause: error });
  throw error;
}

/** The backends of these ids, in any order; an unknown id has no row. */
export async function findBackends(db: Db, ids: readonly string[]): Promise<BackendRecord[]> {
  const rows = await db
    .selectFrom('backends')
    .select([...columns, 'secret_hash as hash', 'previous_secret_hash as previous'])
    .where(sql<boolean>`id = ANY(${ids}::text[])`)
    .execute();
  return rows.map(({ hash, previous, ...backend }) => {
    return { backend, hashes: previous === null ? [hash] : [hash, previous] };
  });
}

export async function listBackends(db: Db): Promise<Backend[]> {
  return db.selectFrom('backends').select(columns).orderBy('created_at').orderBy('id').execute();
}

/** In the order of their ids; of one tenant only, or of all. @throws invalid_request the cursor */
export async function pageBackends(
  db: Db,
  request: PageRequest & { tenantId?: string | undefined },
): Promise<RowPage<Backend>> {
  const after = decodeNameCursor(request);
  const rows = await db
    .selectFrom('backends')
    .select(columns)
    .$if(request.tenantId !== undefined, (query) => query.where('tenant_id', '=', request.tenantId!))
    .$if(after !== undefined, (query) => query.where(sql<boolean>`id COLLATE "C" > ${after}`))
    .orderBy(sql`id COLLATE "C"`)
    .limit(request.limit + 1)
    .execute();
  return toPage(rows, request, ({ id }) => [id]);
}

/**
 * Keeps the current secret as the previous one, which is accepted until the next rotation. Of one tenant only, or of
 * any.
 */
export async function replaceSecret(
  db: Db,
  id: string,
  hash: Buffer,
  tenantId: string | null,
): Promise<Backend | undefined> {
  const { rows } = await sql<Backend>`/* name: replace_backend_secret */
    UPDATE backends SET previous_secret_hash = secret_hash, secret_hash = ${hash}::bytea
    WHERE id = ${id} AND (${tenantId}::text IS NULL OR tenant_id = ${tenantId}::text)
    RETURNING ${columnsSql(columns)}`.execute(db);
  return rows[0];
}

/** Its servers and their presence go with it. Of one tenant only, or of any. */
export async function deleteBackend(db: Db, id: string, tenantId: string | null): Promise<Backend | undefined> {
  return db
    .deleteFrom('backends')
    .where('id', '=', id)
    .$if(tenantId !== null, (query) => query.where('tenant_id', '=', tenantId))
    .returning(columns)
    .executeTakeFirst();
}
