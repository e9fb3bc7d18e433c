import { sql } from 'kysely';
import { deleteInPieces, maxDeletedRows } from '../../db/delete-in-pieces.ts';
import { epochMicrosSql, type KeysetPosition, toRowValue } from '../../db/keyset.ts';
import type { Db } from '../../db/schema.ts';
import type { Invitation, NewInvitation, OpenInvitation } from './invitation.ts';

const columns = sql.raw(`i.id, i.tenant_id AS "tenantId", i.email, i.name, i.operator, i.app_metadata AS "appMetadata",
  i.mailed AS "isMailed", i.token_id AS "tokenId", i.invited_by AS "invitedBy", i.by_command_line AS "isByCommandLine",
  i.accepted_by AS "acceptedBy", i.created_at AS "createdAt", i.expires_at AS "expiresAt", i.accepted_at AS "acceptedAt", i.revoked_at AS "revokedAt"`);

const pending = sql.raw('i.accepted_at IS NULL AND i.revoked_at IS NULL');

/**
 * An invitation that can be accepted. The flag of an operator is given by the command line, or by an operator who still is one
 * and can sign in: after that an old invitation gives none.
 */
const open = sql`${pending} AND (NOT i.operator OR i.by_command_line OR EXISTS (
  SELECT FROM users u JOIN tenants n ON n.id = u.tenant_id
  WHERE u.id = i.invited_by AND u.operator AND u.disabled_at IS NULL AND n.disabled_at IS NULL))`;

export async function insertInvitation(tx: Db, id: string, given: NewInvitation): Promise<Invitation> {
  const { rows } = await sql<Invitation>`/* name: insert_invitation */
    INSERT INTO invitations AS i (id, tenant_id, email, name, operator, app_metadata, mailed, token_id, invited_by,
      by_command_line, expires_at)
    VALUES (${id}::uuid, ${given.tenantId}, ${given.email}, ${given.name}, ${given.operator},
      ${JSON.stringify(given.appMetadata)}::text::jsonb, ${given.isMailed}, ${given.tokenId}::uuid, ${given.invitedBy}::uuid,
      ${given.isByCommandLine}, ${given.expiresAt})
    RETURNING ${columns}`.execute(tx);
  return rows[0]!;
}

/** Those of the mailbox in the tenant that can still be ended. */
export async function findPendingOfAddress(
  tx: Db,
  { tenantId, email }: Pick<NewInvitation, 'tenantId' | 'email'>,
): Promise<readonly Invitation[]> {
  const { rows } = await sql<Invitation>`/* name: find_invitations_of_address */
    SELECT ${columns} FROM invitations i WHERE i.tenant_id = ${tenantId} AND i.email = ${email} AND ${pending}`.execute(
    tx,
  );
  return rows;
}

/** False: it was accepted or revoked before. */
export async function revokeInvitation(tx: Db, id: string): Promise<boolean> {
  const { rows } = await sql`/* name: revoke_invitation */
    UPDATE invitations i SET revoked_at = clock_timestamp() WHERE i.id = ${id}::uuid AND ${pending} RETURNING i.id`.execute(
    tx,
  );
  return rows.length > 0;
}

export async function findInvitation(db: Db, id: string): Promise<Invitation | undefined> {
  const { rows } = await sql<Invitation>`/* name: find_invitation */
    SELECT ${columns} FROM invitations i WHERE i.id = ${id}::uuid`.execute(db);
  return rows[0];
}

export async function findOpenByToken(db: Db, tokenId: string): Promise<OpenInvitation | undefined> {
  const { rows } = await sql<OpenInvitation>`/* name: find_invitation_by_token */
    SELECT ${columns} FROM invitations i WHERE i.token_id = ${tokenId}::uuid AND ${open}`.execute(db);
  return rows[0];
}

/** False: it was accepted or revoked meanwhile, or its operator is none any more. */
export async function acceptInvitation(tx: Db, id: string, userId: string): Promise<boolean> {
  const { rows } = await sql`/* name: accept_invitation */
    UPDATE invitations i SET accepted_at = clock_timestamp(), accepted_by = ${userId}::uuid, email = NULL, name = NULL,
      app_metadata = '{}' WHERE i.id = ${id}::uuid AND ${open} RETURNING i.id`.execute(tx);
  return rows.length > 0;
}

/** The newest first. */
export async function listInvitations(
  db: Db,
  { tenantId, limit, before }: { tenantId: string | undefined; limit: number; before: KeysetPosition | undefined },
): Promise<(Invitation & { readonly micros: string })[]> {
  const ofTenant = tenantId === undefined ? sql`true` : sql`i.tenant_id = ${tenantId}`;
  const further = before === undefined ? sql`true` : sql`(i.created_at, i.id) < ${toRowValue(before)}`;
  const { rows } = await sql<Invitation & { micros: string }>`
    SELECT ${columns}, ${epochMicrosSql('i.created_at')} AS micros FROM invitations i
    WHERE ${ofTenant} AND ${further} ORDER BY i.created_at DESC, i.id DESC LIMIT ${limit}`.execute(db);
  return rows;
}

/** Deletes what holds the address. @param of.isOwner false: those that can still be accepted stay */
export async function deleteOfAddress(
  tx: Db,
  { tenantId, email, isOwner }: Pick<NewInvitation, 'tenantId' | 'email'> & { isOwner: boolean },
): Promise<void> {
  await sql`/* name: delete_invitations_of_address */
    DELETE FROM invitations i WHERE i.tenant_id = ${tenantId} AND i.email = ${email}
      AND (${isOwner}::boolean OR NOT (${pending}) OR i.expires_at <= clock_timestamp())`.execute(tx);
}

/** Deletes invitations that ended 30 days ago. */
export function deleteEndedInvitations(db: Db): Promise<number> {
  return deleteInPieces(async () => {
    const { rows } = await sql`/* name: delete_ended_invitations */
    DELETE FROM invitations WHERE id IN (SELECT id FROM invitations
      WHERE coalesce(accepted_at, revoked_at, expires_at) < clock_timestamp() - interval '30 days'
      ORDER BY created_at LIMIT ${sql.lit(maxDeletedRows)})
    RETURNING id`.execute(db);
    return rows.length;
  });
}
