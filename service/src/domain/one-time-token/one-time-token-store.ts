import { sql } from 'kysely';
import type { WrappedBytes } from '../../base/wrap.ts';
import type { Db } from '../../db/schema.ts';
import {
  maxCodeAttempts,
  type NewOneTimeToken,
  type OneTimePurpose,
  oneTimePurposes,
  type RequestedToken,
  type TokenOwner,
} from './one-time-token.ts';

/** A row, with its data as stored. */
export interface OneTimeTokenRow {
  readonly id: string;
  readonly purpose: OneTimePurpose;
  readonly tenantId: string;
  readonly userId: string | null;
  readonly email: string | null;
  readonly emailKey: string | null;
  readonly ticketHash: Buffer | null;
  readonly owner: TokenOwner | null;
  readonly data: Buffer | null;
  readonly wrapKid: string | null;
  readonly expiresAt: Date;
}

/** A token that is about to be stored. One that gets no mail may have no address. */
export interface NewToken extends Omit<NewOneTimeToken, 'email' | 'emailKey'> {
  readonly email: string | null;
  readonly emailKey: string | null;
}

interface NewTokenRow {
  readonly id: string;
  readonly purpose: OneTimePurpose;
  readonly tenantId: string;
  readonly email: string | null;
  readonly emailKey: string | null;
  readonly ticketHash: Buffer | undefined;
  readonly data: WrappedBytes | undefined;
  readonly owner: TokenOwner | undefined;
  readonly codeMac: Buffer | null;
}

/** The columns that are set once the mail is prepared. */
interface PreparedColumns {
  readonly owner: TokenOwner | undefined;
  readonly email: string;
  readonly secretHash: Buffer;
  readonly codeMac: Buffer | null;
}

const columns = sql.raw(`t.id, t.purpose, t.tenant_id AS "tenantId", t.uid AS "userId", t.email,
  t.email_key AS "emailKey", t.ticket_hash AS "ticketHash",
  CASE WHEN t.uid IS NOT NULL THEN json_build_object('id', t.uid, 'credentialVersion', t.credential_version) END AS owner,
  t.data, t.wrap_kid AS "wrapKid", t.expires_at AS "expiresAt"`);

/**
 * A token that was not used, has not expired, whose tenant is enabled, and whose user is as at its creation: enabled, with the same
 * credentials and, where the mail went to the user's own address, with that address. The undo of a change of address stays valid when
 * the password is changed, because the password may have been changed by an attacker.
 */
const usable = sql.raw(`t.consumed_at IS NULL AND t.expires_at > clock_timestamp()
  AND EXISTS (SELECT FROM tenants n WHERE n.id = t.tenant_id AND n.disabled_at IS NULL) AND (t.uid IS NULL OR EXISTS (
  SELECT FROM users u WHERE u.id = t.uid AND u.disabled_at IS NULL
    AND (t.purpose = 'undo_email_change' OR u.credential_version = t.credential_version)
    AND (t.purpose NOT IN ('verify_email', 'reset_password', 'sign_in') OR u.email_key = t.email_key)))`);

/**
 * Waits for a deletion of the owner that is in progress.
 *
 * @returns `undefined` if the owner was deleted: nothing is stored
 */
export async function insertToken(db: Db, row: NewTokenRow): Promise<Date | undefined> {
  const { owner, data } = row;
  const { rows } = await sql<{ expiresAt: Date }>`/* name: insert_one_time_token */
    WITH owner AS MATERIALIZED (SELECT FROM users u WHERE u.id = ${owner?.id ?? null}::uuid AND u.deleted_at IS NULL FOR SHARE)
    INSERT INTO one_time_tokens (id, purpose, tenant_id, uid, credential_version, email, email_key, ticket_hash, code_mac, data,
      wrap_kid, expires_at)
    SELECT ${row.id}::uuid, ${row.purpose}, ${row.tenantId}, ${owner?.id ?? null}::uuid, ${owner?.credentialVersion ?? null}::int,
      ${row.email}, ${row.emailKey}, ${row.ticketHash ?? null}::bytea, ${row.codeMac}::bytea, ${data?.bytes ?? null}::bytea,
      ${data?.wrapKid ?? null}, clock_timestamp() + make_interval(mins => ${oneTimePurposes[row.purpose]}::int)
    WHERE ${owner?.id ?? null}::uuid IS NULL OR EXISTS (SELECT FROM owner)
    RETURNING expires_at AS "expiresAt"`.execute(db);
  return rows[0]?.expiresAt;
}

/** Requests whose mail is not prepared, oldest first, locked to the end of the transaction; none that another node has. */
export async function lockRequested(tx: Db, limit: number): Promise<RequestedToken[]> {
  const { rows } = await sql<RequestedToken>`/* name: lock_requested_one_time_tokens */
    SELECT ${columns} FROM one_time_tokens t
    WHERE t.secret_hash IS NULL AND t.code_mac IS NULL AND t.consumed_at IS NULL AND t.expires_at > clock_timestamp()
    ORDER BY t.created_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`.execute(tx);
  return rows;
}

/** The newest request of the purpose with this ticket that was not used and has not expired. */
export async function findByTicket(
  db: Db,
  purpose: OneTimePurpose,
  ticketHash: Buffer,
): Promise<OneTimeTokenRow | undefined> {
  const { rows } = await sql<OneTimeTokenRow>`/* name: find_one_time_token_by_ticket */
    SELECT ${columns} FROM one_time_tokens t WHERE t.ticket_hash = ${ticketHash}::bytea AND t.purpose = ${purpose} AND ${usable}
    ORDER BY t.created_at DESC LIMIT 1`.execute(db);
  return rows[0];
}

/** Tokens of the purpose that are prepared and usable, of this address. */
export async function countUsable(
  tx: Db,
  { purpose, tenantId, emailKey }: Pick<NewTokenRow, 'purpose' | 'tenantId' | 'emailKey'>,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`/* name: count_one_time_tokens */
    SELECT count(*)::int AS count FROM one_time_tokens t WHERE t.tenant_id = ${tenantId} AND t.email_key = ${emailKey}
      AND t.purpose = ${purpose} AND t.secret_hash IS NOT NULL AND ${usable}`.execute(tx);
  return rows[0]!.count;
}

export async function prepareToken(tx: Db, id: string, prepared: PreparedColumns): Promise<void> {
  const { owner, email, secretHash, codeMac } = prepared;
  await sql`/* name: prepare_one_time_token */
    UPDATE one_time_tokens SET uid = ${owner?.id ?? null}::uuid, credential_version = ${owner?.credentialVersion ?? null}::int,
      email = ${email}, secret_hash = ${secretHash}::bytea, code_mac = ${codeMac}::bytea
    WHERE id = ${id}::uuid`.execute(tx);
}

/**
 * Marks a request as one without a mail. Its address belongs to no account that may have a mail, and is erased. A sign-up
 * keeps it, because its browser may ask for the mail again.
 */
export async function dropToken(tx: Db, id: string, codeMac: Buffer): Promise<void> {
  await sql`/* name: drop_one_time_token */
    UPDATE one_time_tokens SET uid = NULL, credential_version = NULL, secret_hash = NULL, code_mac = ${codeMac}::bytea,
      email = CASE WHEN purpose = 'verify_email' THEN email END, email_key = CASE WHEN purpose = 'verify_email' THEN email_key END,
      data = CASE WHEN purpose = 'verify_email' THEN data END, wrap_kid = CASE WHEN purpose = 'verify_email' THEN wrap_kid END
    WHERE id = ${id}::uuid`.execute(tx);
}

export async function findBySecret(
  db: Db,
  secretHash: Buffer,
  purposes: readonly OneTimePurpose[],
): Promise<OneTimeTokenRow | undefined> {
  const { rows } = await sql<OneTimeTokenRow>`/* name: find_one_time_token */
    SELECT ${columns} FROM one_time_tokens t
    WHERE t.secret_hash = ${secretHash}::bytea AND t.purpose = ANY(${purposes}::text[]) AND ${usable}`.execute(db);
  return rows[0];
}

/**
 * Compares a code with the tokens of its holder, and counts it where it is wrong, in one statement: of many guesses at once
 * not one more is compared than is allowed.
 *
 * @returns the rows that were compared; none when the code is used up, or there is no such token
 */
export async function compareCode(
  db: Db,
  { purpose, ticketHash, macs }: { purpose: OneTimePurpose; ticketHash: Buffer; macs: readonly Buffer[] },
): Promise<(OneTimeTokenRow & { readonly isMatch: boolean })[]> {
  const { rows } = await sql<OneTimeTokenRow & { isMatch: boolean }>`/* name: compare_mail_code */
    UPDATE one_time_tokens t SET attempts = t.attempts + (NOT coalesce(t.code_mac = ANY(${macs}::bytea[]), false))::int
    WHERE t.ticket_hash = ${ticketHash}::bytea AND t.purpose = ${purpose} AND t.attempts < ${maxCodeAttempts} AND ${usable}
    RETURNING ${columns}, coalesce(t.code_mac = ANY(${macs}::bytea[]), false) AS "isMatch"`.execute(db);
  return rows;
}

/** Hashes of the tickets of a user's usable tokens of the purpose. Those that a session of the user holds are left out. */
export async function readTickets(db: Db, purpose: OneTimePurpose, userId: string): Promise<Buffer[]> {
  const { rows } = await sql<{ hash: Buffer }>`/* name: read_tickets_of_one_time_tokens */
    SELECT DISTINCT t.ticket_hash AS hash FROM one_time_tokens t WHERE t.uid = ${userId}::uuid AND t.purpose = ${purpose}
      AND t.ticket_hash <> ALL (SELECT sha256(convert_to('session ' || s.sid, 'UTF8')) FROM sessions s WHERE s.uid = t.uid)
      AND ${usable}`.execute(db);
  return rows.map(({ hash }) => hash);
}

/** False: it was used, has expired, or its user changed. */
export async function consumeToken(tx: Db, id: string): Promise<boolean> {
  const { rows } = await sql`/* name: consume_one_time_token */
    UPDATE one_time_tokens t SET consumed_at = clock_timestamp() WHERE t.id = ${id}::uuid AND ${usable}
    RETURNING t.id`.execute(tx);
  return rows.length > 0;
}

/**
 * Makes the other tokens of the purpose invalid, of this user and of this address. Of undos the older ones stay valid: otherwise an
 * attacker who changes the address twice would void the owner's by its own.
 */
export async function consumeOthers(
  tx: Db,
  {
    id,
    purpose,
    tenantId,
    userId,
    emailKey,
  }: Omit<OneTimeTokenRow, 'ticketHash' | 'owner' | 'data' | 'wrapKid' | 'expiresAt' | 'email'>,
): Promise<void> {
  await sql`/* name: consume_other_one_time_tokens */
    UPDATE one_time_tokens SET consumed_at = clock_timestamp()
    WHERE purpose = ${purpose} AND id <> ${id}::uuid AND consumed_at IS NULL
      AND (purpose <> 'undo_email_change' OR created_at > (SELECT o.created_at FROM one_time_tokens o WHERE o.id = ${id}::uuid))
      AND (uid = ${userId}::uuid OR (tenant_id = ${tenantId} AND email_key = ${emailKey}))`.execute(tx);
}

/** Makes all tokens of a purpose invalid that belong to the user. */
export async function consumeOfUser(tx: Db, userId: string, purposes: readonly OneTimePurpose[]): Promise<void> {
  await sql`/* name: consume_one_time_tokens_of_user */
    UPDATE one_time_tokens SET consumed_at = clock_timestamp()
    WHERE uid = ${userId}::uuid AND purpose = ANY(${purposes}::text[]) AND consumed_at IS NULL`.execute(tx);
}

/**
 * True while the address can be set again by an undo. Only that of an address that was never proved has data: another user may have
 * signed up with it, and it is not kept for that user.
 */
export async function isAddressReserved(
  tx: Db,
  { tenantId, emailKey }: { tenantId: string; emailKey: string },
): Promise<boolean> {
  const { rows } = await sql`/* name: is_address_reserved */
    SELECT FROM one_time_tokens t WHERE t.tenant_id = ${tenantId} AND t.email_key = ${emailKey}
      AND t.purpose = 'undo_email_change' AND t.data IS NULL AND ${usable} LIMIT 1`.execute(tx);
  return rows.length > 0;
}
