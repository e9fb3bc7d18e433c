import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';
import { isLive } from '../session/live-session.sql.ts';

/** What the rows of a session and its user say of an operator. */
export type OperatorStatus = 'operator' | 'no_operator' | 'ended';

/** Status of each of these sessions, read from the rows. A session that is missing in the result has ended. */
export async function readOperatorStatuses(db: Db, sids: readonly string[]): Promise<Map<string, OperatorStatus>> {
  const { rows } = await sql<{ sid: string; operator: boolean }>`/* name: operator_standings */
    SELECT s.sid, u.operator AND u.disabled_at IS NULL AS operator FROM sessions s JOIN users u ON u.id = s.uid
    WHERE s.sid = ANY(${sids}::uuid[]) AND ${isLive('s', 'clock_timestamp()')}`.execute(db);
  return new Map(rows.map(({ sid, operator }) => [sid, operator ? 'operator' : 'no_operator']));
}

export async function hasOperator(db: Db): Promise<boolean> {
  const row = await db.selectFrom('users').select('id').where('operator', '=', true).limit(1).executeTakeFirst();
  return row !== undefined;
}

export async function hasOperatorIn(db: Db, tenantId: string): Promise<boolean> {
  const operators = db.selectFrom('users').select('id').where('operator', '=', true);
  return (await operators.where('tenant_id', '=', tenantId).limit(1).executeTakeFirst()) !== undefined;
}

/** Locks the rows of those who are not disabled to the end of the transaction, in the order of their ids. */
export async function lockOperators(tx: Db): Promise<void> {
  await sql`/* name: lock_operators */
    SELECT id FROM users WHERE operator AND disabled_at IS NULL ORDER BY id FOR NO KEY UPDATE`.execute(tx);
}

/** Those who can act. A statement after the lock, because one that waits sees what was committed before it began. */
export async function listActiveOperators(tx: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`/* name: list_active_operators */
    SELECT u.id FROM users u JOIN tenants n ON n.id = u.tenant_id
    WHERE u.operator AND u.disabled_at IS NULL AND n.disabled_at IS NULL ORDER BY u.id`.execute(tx);
  return rows.map(({ id }) => id);
}

/** Whether every operator who can act is of the tenant. False: there is none at all. */
export async function hasLastOperator(db: Db, tenantId: string): Promise<boolean> {
  const { rows } = await sql<{ last: boolean }>`/* name: has_last_operator */
    SELECT coalesce(bool_and(u.tenant_id = ${tenantId}), false) AS last FROM users u JOIN tenants n ON n.id = u.tenant_id
    WHERE u.operator AND u.disabled_at IS NULL AND (n.disabled_at IS NULL OR n.id = ${tenantId})`.execute(db);
  return rows[0]!.last;
}

/** Stores an invitation in place of the unused one before. */
export async function replaceInvite(db: Db, hash: Buffer, hours: number): Promise<void> {
  await sql`/* name: replace_operator_invite */
    WITH old AS (DELETE FROM operator_invites WHERE used_at IS NULL)
    INSERT INTO operator_invites (hash, expires_at)
    VALUES (${hash}::bytea, clock_timestamp() + make_interval(hours => ${hours}::int))`.execute(db);
}

export async function isInviteValid(db: Db, hash: Buffer): Promise<boolean> {
  const { rows } = await sql`/* name: operator_invite_open */
    SELECT FROM operator_invites WHERE hash = ${hash}::bytea AND used_at IS NULL AND expires_at > clock_timestamp()
      AND NOT EXISTS (SELECT FROM users WHERE operator)`.execute(db);
  return rows.length > 0;
}

/**
 * Uses the invitation and sets the user's administrator flag, in one guarded statement. False: the invitation was used
 * before or has expired.
 */
export async function redeemInvite(db: Db, hash: Buffer, userId: string): Promise<boolean> {
  const { rows } = await sql`/* name: redeem_operator_invite */
    WITH used AS (UPDATE operator_invites SET used_at = clock_timestamp(), used_by = ${userId}::uuid
      WHERE hash = ${hash}::bytea AND used_at IS NULL AND expires_at > clock_timestamp()
        AND NOT EXISTS (SELECT FROM users WHERE operator) RETURNING used_by)
    UPDATE users u SET operator = true FROM used WHERE u.id = used.used_by RETURNING u.id`.execute(db);
  return rows.length > 0;
}

/** False: there is no such user. */
export async function setOperator(db: Db, userId: string, operator: boolean): Promise<boolean> {
  const row = await db
    .updateTable('users')
    .set({ operator })
    .where('id', '=', userId)
    .where('deleted_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}
