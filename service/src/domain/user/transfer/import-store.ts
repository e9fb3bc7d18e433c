import { sql } from 'kysely';
import type { Db } from '../../../db/schema.ts';
import { rethrowAsFailure } from '../user-store.ts';
import type { PreparedImport } from './import-row.ts';

const json = (rows: readonly object[]) => sql`${JSON.stringify(rows)}::text::jsonb`;

/**
 * Inserts those whose id, address, look and external id are free, the first of equal ones.
 *
 * @returns their ids
 * @throws tenant_unknown
 */
export async function insertImported(tx: Db, tenantId: string, rows: readonly PreparedImport[]): Promise<Set<string>> {
  const { rows: inserted } = await sql<{ id: string }>`/* name: insert_imported_users */
    INSERT INTO users (id, tenant_id, email, email_key, email_skeleton, email_verified_at, external_id, password_hash,
      password_change_required, name, picture, locale, profile, user_metadata, app_metadata, disabled_at, created_at)
    SELECT id, ${tenantId}, email, "emailKey", "emailSkeleton", CASE WHEN "emailVerified" THEN now() END, "externalId", "passwordHash",
      "passwordChangeRequired", name, picture, locale, profile, "userMetadata", "appMetadata",
      CASE WHEN disabled THEN now() END, least("createdAt", now())
    FROM jsonb_to_recordset(${json(rows)}) AS r(id uuid, email text, "emailKey" text, keys text[], "emailSkeleton" text,
      "emailVerified" boolean, "externalId" text, "passwordHash" text, "passwordChangeRequired" boolean, name text, picture text,
      locale text, profile jsonb, "userMetadata" jsonb, "appMetadata" jsonb, disabled boolean, "createdAt" timestamptz)
    WHERE NOT EXISTS (SELECT FROM users u WHERE u.tenant_id = ${tenantId} AND u.email_key = ANY(r.keys))
    ON CONFLICT DO NOTHING RETURNING id`
    .execute(tx)
    .catch(rethrowAsFailure);
  return new Set(inserted.map(({ id }) => id));
}

/** The users who have the address, the external id or the id of a row, by the id of the row. */
export async function findOccupants(
  tx: Db,
  tenantId: string,
  rows: readonly PreparedImport[],
): Promise<ReadonlyMap<string, string>> {
  const { rows: found } = await sql<{ id: string; occupant: string | null }>`/* name: find_occupants_of_import */
    SELECT r.id, coalesce(
      (SELECT u.id FROM users u WHERE u.tenant_id = ${tenantId} AND u.email_key = ANY(r.keys) LIMIT 1),
      (SELECT u.id FROM users u WHERE u.tenant_id = ${tenantId} AND u.external_id = r."externalId"),
      (SELECT u.id FROM users u WHERE u.id = r.id)) AS occupant
    FROM jsonb_to_recordset(${json(rows)}) AS r(id uuid, keys text[], "externalId" text)`.execute(tx);
  return new Map(found.flatMap(({ id, occupant }) => (occupant === null ? [] : [[id, occupant]])));
}
