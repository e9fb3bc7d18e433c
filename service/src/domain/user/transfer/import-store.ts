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
    FROM jsonb_to_recordset(${json(rows)}) AS r(id uuid, email text, "emailKey" text, "emailSkeleton" text,
      "emailVerified" boolean, "externalId" text, "passwordHash" text, "passwordChangeRequired" boolean, name text, picture text,
      locale text, profile jsonb, "userMetadata" jsonb, "appMetadata" jsonb, disabled boolean, "createdAt" timestamptz)
    ON CONFLICT DO NOTHING RETURNING id`
    .execute(tx)
    .catch(rethrowAsFailure);
  return new Set(inserted.map(({ id }) => id));
}

/** An account that has something of a row. */
interface Occupant {
  readonly id: string;
  readonly emailKey: string | null;
  readonly externalId: string | null;
  /** A deleted user, or one of another tenant, has the id of the row. */
  readonly isOutside: boolean;
}

/**
 * Returns the function that finds the user who has the address, the external id or the id of a row.
 *
 * The keys of all rows are one parameter: a join with the rows would be planned for the size that the table had before.
 */
export async function readOccupants(
  tx: Db,
  tenantId: string,
  rows: readonly PreparedImport[],
): Promise<(row: PreparedImport) => Occupant | undefined> {
  if (rows.length === 0) return () => undefined;
  const keys = rows.flatMap((row) => row.keys);
  const externalIds = rows.flatMap(({ externalId }) => externalId ?? []);
  const { rows: found } = await sql<Occupant>`/* name: read_occupants_of_import */
    SELECT id, email_key AS "emailKey", external_id AS "externalId", false AS "isOutside" FROM users
      WHERE tenant_id = ${tenantId} AND email_key = ANY(${keys}::text[])
    UNION ALL SELECT id, NULL, external_id, false FROM users WHERE tenant_id = ${tenantId} AND external_id = ANY(${externalIds}::text[])
    UNION ALL SELECT id, NULL, NULL, deleted_at IS NOT NULL OR tenant_id <> ${tenantId} FROM users
      WHERE id = ANY(${rows.map(({ id }) => id)}::uuid[])`.execute(tx);
  const byKey = new Map(found.map((occupant) => [occupant.emailKey, occupant]));
  const byExternalId = new Map(found.map((occupant) => [occupant.externalId, occupant]));
  const byId = new Map(found.map((occupant) => [occupant.id, occupant]));
  return (row) =>
    row.keys.map((key) => byKey.get(key)).find((occupant) => occupant !== undefined) ??
    (row.externalId === null ? undefined : byExternalId.get(row.externalId)) ??
    byId.get(row.id);
}
