import { fail } from '@latchkey/contract';
import { sql } from 'kysely';
import { columnsSql } from '../../db/columns.ts';
import type { Db } from '../../db/schema.ts';
import { decodeNameCursor, type PageRequest, type RowPage, toPage } from '../pagination.ts';
import type { NewTenant, Tenant, TenantUpdate } from './tenant.ts';

/** SQLSTATE */
const foreignKeyViolation = '23503';

const columns = [
  'id',
  'name',
  'registration_open as registrationOpen',
  'max_active_minutes as maxActiveMinutes',
  'max_idle_minutes as maxIdleMinutes',
  'email_verification as emailVerification',
  'email_sign_in as emailSignIn',
  'password_min_length as passwordMinLength',
  'allowed_domains as allowedDomains',
  'max_sessions as maxSessions',
  'session_limit as sessionLimit',
  'locale',
  'brand',
  'disabled_at as disabledAt',
  'code_version as codeVersion',
  'created_at as createdAt',
] as const;

export async function findTenant(db: Db, id: string): Promise<Tenant | undefined> {
  const { rows } = await sql<Tenant>`/* name: find_tenant */
    SELECT ${columnsSql(columns)} FROM tenants WHERE id = ${id}`.execute(db);
  return rows[0];
}

/** @throws identifier_taken */
export async function insertTenant(db: Db, tenant: NewTenant): Promise<Tenant> {
  const row = await db
    .insertInto('tenants')
    .values({
      id: tenant.id,
      ...columnsOf(tenant),
      name: tenant.name,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning(columns)
    .executeTakeFirst();
  if (row === undefined) throw fail('identifier_taken', { message: 'There is a tenant with this id already.' });
  return row;
}

/** By name, those of one only when it is given. */
export async function listTenants(
  db: Db,
  request: PageRequest & { id?: string | undefined },
): Promise<RowPage<Tenant>> {
  const after = decodeNameCursor(request);
  const rows = await db
    .selectFrom('tenants')
    .select(columns)
    .$if(request.id !== undefined, (query) => query.where('id', '=', request.id!))
    .$if(after !== undefined, (query) => query.where(sql<boolean>`id COLLATE "C" > ${after}`))
    .orderBy(sql`id COLLATE "C"`)
    .limit(request.limit + 1)
    .execute();
  return toPage(rows, request, ({ id }) => [id]);
}

export async function updateTenant(db: Db, id: string, change: TenantUpdate): Promise<Tenant | undefined> {
  return db
    .updateTable('tenants')
    .set({
      // An update without a change still locks the row.
      id,
      ...columnsOf(change),
    })
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirst();
}

/** What is absent is left to the database: a default, or the value that the row has. */
function columnsOf(change: TenantUpdate) {
  return {
    name: change.name,
    registration_open: change.registrationOpen,
    max_active_minutes: change.maxActiveMinutes,
    max_idle_minutes: change.maxIdleMinutes,
    email_verification: change.emailVerification,
    email_sign_in: change.emailSignIn,
    password_min_length: change.passwordMinLength,
    allowed_domains: change.allowedDomains && [...change.allowedDomains],
    max_sessions: change.maxSessions,
    session_limit: change.sessionLimit,
    locale: change.locale,
    disabled_at: disabledAt(change.disabled),
  };
}

/** A tenant that is disabled already keeps its time. */
function disabledAt(disabled: boolean | undefined) {
  if (disabled === undefined) return undefined;
  return disabled ? sql<Date>`coalesce(disabled_at, clock_timestamp())` : null;
}

/** With what is left of deleted users. @throws forbidden it has users or backends */
export async function deleteTenant(tx: Db, id: string): Promise<void> {
  const deleted = sql`(SELECT u.id FROM users u WHERE u.tenant_id = ${id} AND u.deleted_at IS NOT NULL)`;
  await sql`UPDATE operator_invites SET used_by = NULL WHERE used_by IN ${deleted}`.execute(tx);
  await sql`DELETE FROM sessions WHERE uid IN ${deleted}`.execute(tx);
  await sql`DELETE FROM users WHERE id IN ${deleted}`.execute(tx);
  await sql`/* name: delete_tenant */ DELETE FROM tenants WHERE id = ${id}`.execute(tx).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== foreignKeyViolation) throw error;
    throw fail('forbidden', { message: 'Delete the users and backends of this tenant first.', cause: error });
  });
}

/** Invalidates the codes that were made before. */
export async function invalidateTenantCodes(tx: Db, id: string): Promise<void> {
  await tx.updateTable('tenants').set({ code_version: sql`code_version + 1` }).where('id', '=', id).execute();
}

/**
 * Numbers the change that this transaction makes. Its last statement: the head's row is held until the commit, so that
 * numbers appear in their order.
 */
export async function recordLimitsChange(tx: Db, id: string): Promise<void> {
  await sql`/* name: announce_limits */
    WITH head AS (UPDATE tenant_head SET seq = seq + 1 RETURNING seq)
    UPDATE tenants t SET limits_seq = head.seq FROM head WHERE t.id = ${id}`.execute(tx);
}

/** The newest number, and the tenants whose limits changed after `cursor`, in the order of the last change of each. */
export async function readLimitChanges(db: Db, cursor: number): Promise<{ head: number; tenants: Tenant[] }> {
  const { rows } = await sql<{ head: number } & Nullable<Tenant>>`/* name: limit_changes */
    SELECT h.seq AS head, ${columnsSql(columns, 't')} FROM tenant_head h LEFT JOIN tenants t ON t.limits_seq > ${cursor}::bigint ORDER BY t.limits_seq`.execute(
    db,
  );
  const [first] = rows;
  if (first === undefined) throw new Error('The table tenant_head has lost its row.');
  const changed = rows.filter((row) => row.id !== null) as (Tenant & { head: number })[];
  return { head: first.head, tenants: changed.map(({ head, ...tenant }) => tenant) };
}

type Nullable<T> = { [K in keyof T]: T[K] | null };
