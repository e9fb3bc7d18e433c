import { sql } from 'kysely';
import type { WrappedBytes } from '../../base/wrap.ts';
import { deleteInPieces, maxDeletedRows } from '../../db/delete-in-pieces.ts';
import { epochMicrosSql, type KeysetPosition, toRowValue } from '../../db/keyset.ts';
import type { Db } from '../../db/schema.ts';
import {
  type FailedMail,
  type FailedMailQuery,
  type LeasedMail,
  limitedNotices,
  maxNoticesInDay,
  type NewMail,
} from './mail.ts';

type LeasedRow = Omit<LeasedMail, 'data'> & { readonly bytes: Buffer; readonly wrapKid: string };

/** Days for which a mail without a one-time token is tried. */
const maxDays = 3;

/**
 * Waits for a deletion of the user that is in progress.
 *
 * @returns false: nothing was stored, because the user was deleted, the session was reported before, or the user got too many of the day
 */
export async function insertMail(tx: Db, id: string, mail: NewMail, data: WrappedBytes): Promise<boolean> {
  const {
    tenantId,
    tokenId = null,
    userId = null,
    sid = null,
    recipient,
    template,
    locale = null,
    expiresAt = null,
  } = mail;
  const { rows } = await sql`/* name: insert_mail */
    WITH owner AS MATERIALIZED (SELECT FROM users u WHERE u.id = ${userId}::uuid AND u.deleted_at IS NULL FOR SHARE)
    INSERT INTO mails (id, tenant_id, token_id, uid, sid, recipient, template, locale, data, wrap_kid, expires_at)
    SELECT ${id}::uuid, ${tenantId}, ${tokenId}::uuid, ${userId}::uuid, ${sid}::uuid, ${recipient}, ${template}, ${locale},
      ${data.bytes}::bytea, ${data.wrapKid}, coalesce(${expiresAt}::timestamptz, clock_timestamp() + make_interval(days => ${maxDays}::int))
    WHERE (${userId}::uuid IS NULL OR EXISTS (SELECT FROM owner))
      AND (NOT ${limitedNotices.has(template)}::boolean OR (SELECT count(*) FROM mails m WHERE m.uid = ${userId}::uuid AND m.template = ${template}
        AND m.created_at > clock_timestamp() - interval '1 day') < ${maxNoticesInDay}::int)
    ON CONFLICT (sid, template) WHERE sid IS NOT NULL DO NOTHING RETURNING id`.execute(tx);
  return rows.length > 0;
}

/**
 * Takes mails that are due, for `seconds`: a node that dies meanwhile leaves them to the others. Those of a disabled tenant wait.
 */
export async function leaseMails(db: Db, { limit, seconds }: { limit: number; seconds: number }): Promise<LeasedRow[]> {
  const { rows } = await sql<LeasedRow>`/* name: lease_mails */
    UPDATE mails SET leased_until = clock_timestamp() + make_interval(secs => ${seconds}::int), tries = tries + 1
    WHERE id IN (SELECT id FROM mails WHERE sent_at IS NULL AND failed_at IS NULL AND next_try_at <= clock_timestamp()
      AND (leased_until IS NULL OR leased_until <= clock_timestamp())
      AND NOT EXISTS (SELECT FROM tenants n WHERE n.id = mails.tenant_id AND n.disabled_at IS NOT NULL) ORDER BY next_try_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    RETURNING id, tenant_id AS "tenantId", recipient, template, data AS bytes, wrap_kid AS "wrapKid", tries,
      (SELECT name FROM tenants t WHERE t.id = mails.tenant_id) AS "tenantName",
      (SELECT brand FROM tenants t WHERE t.id = mails.tenant_id) AS brand,
      coalesce(locale, (SELECT t.locale FROM tenants t WHERE t.id = mails.tenant_id)) AS locale,
      EXISTS (SELECT FROM users u WHERE u.id = mails.uid AND u.email = mails.recipient
        AND u.email_verified_at IS NOT NULL) AS "isProved"`.execute(db);
  return rows;
}

/** Gives mails up that have expired, or whose one-time token was used or has expired. */
export async function expireMails(db: Db): Promise<number> {
  const { rows } = await sql`/* name: expire_mails */
    UPDATE mails m SET failed_at = clock_timestamp(), failure = 'expired', recipient = NULL, data = NULL, wrap_kid = NULL
    WHERE m.sent_at IS NULL AND m.failed_at IS NULL AND (m.leased_until IS NULL OR m.leased_until <= clock_timestamp())
      AND (m.expires_at <= clock_timestamp() OR EXISTS (SELECT FROM one_time_tokens t
        WHERE t.id = m.token_id AND (t.consumed_at IS NOT NULL OR t.expires_at <= clock_timestamp())))
    RETURNING m.id`.execute(db);
  return rows.length;
}

/** How many mails wait, `max` at most. */
export async function countWaitingMails(db: Db, max: number): Promise<number> {
  const { rows } = await sql<{ waiting: number }>`/* name: count_waiting_mails */
    SELECT count(*)::int AS waiting
    FROM (SELECT FROM mails WHERE sent_at IS NULL AND failed_at IS NULL LIMIT ${max}::int) AS counted`.execute(db);
  return rows[0]!.waiting;
}

export async function markSent(db: Db, id: string): Promise<void> {
  await sql`/* name: mark_mail_sent */
    UPDATE mails SET sent_at = clock_timestamp(), recipient = NULL, data = NULL, wrap_kid = NULL, leased_until = NULL
    WHERE id = ${id}::uuid AND sent_at IS NULL AND failed_at IS NULL`.execute(db);
}

export async function markFailed(db: Db, id: string, failure: string): Promise<void> {
  await sql`/* name: mark_mail_failed */
    UPDATE mails SET failed_at = clock_timestamp(), failure = ${failure}, recipient = NULL, data = NULL, wrap_kid = NULL,
      leased_until = NULL
    WHERE id = ${id}::uuid AND sent_at IS NULL AND failed_at IS NULL`.execute(db);
}

export async function scheduleRetry(
  db: Db,
  id: string,
  { failure, seconds }: { failure: string; seconds: number },
): Promise<void> {
  await sql`/* name: retry_mail */
    UPDATE mails SET next_try_at = clock_timestamp() + make_interval(secs => ${seconds}::float8), failure = ${failure},
      leased_until = NULL
    WHERE id = ${id}::uuid AND sent_at IS NULL AND failed_at IS NULL`.execute(db);
}

type FailedRow = FailedMail & { readonly micros: string };

/** Mails that could not be sent, newest first. */
export async function listFailedMails(
  db: Db,
  {
    tenantId,
    limit,
    before,
  }: FailedMailQuery & { readonly limit: number; readonly before: KeysetPosition | undefined },
): Promise<FailedRow[]> {
  const ofTenant = tenantId === undefined ? sql`true` : sql`tenant_id = ${tenantId}`;
  const further = before === undefined ? sql`true` : sql`(created_at, id) < ${toRowValue(before)}`;
  const { rows } = await sql<FailedRow>`
    SELECT id, tenant_id AS "tenantId", uid AS "userId", template, tries, created_at AS "createdAt", failed_at AS "failedAt",
      failure, ${epochMicrosSql('created_at')} AS micros FROM mails
    WHERE failed_at IS NOT NULL AND ${ofTenant} AND ${further} ORDER BY created_at DESC, id DESC LIMIT ${limit}`.execute(
    db,
  );
  return rows;
}

export async function deleteMailsOfUser(
  tx: Db,
  { id, tenantId, email, isOwner }: { id: string; tenantId: string; email: string | null; isOwner: boolean },
  tokenIds: readonly string[],
): Promise<void> {
  await sql`/* name: delete_mails_of_user */
    DELETE FROM mails WHERE uid = ${id}::uuid OR token_id = ANY(${tokenIds}::uuid[])
      OR (sent_at IS NULL AND failed_at IS NULL AND tenant_id = ${tenantId} AND recipient = ${email} AND uid IS NULL
        AND (template <> 'invitation' OR ${isOwner}::boolean))`.execute(tx);
}

/** Deletes mails that were sent, or could not be, a month ago. */
export function deleteOldMails(db: Db): Promise<number> {
  return deleteInPieces(async () => {
    const { rows } = await sql`/* name: delete_old_mails */
    DELETE FROM mails WHERE id IN (SELECT id FROM mails WHERE created_at < clock_timestamp() - interval '30 days'
      AND (sent_at IS NOT NULL OR failed_at IS NOT NULL) ORDER BY created_at LIMIT ${sql.lit(maxDeletedRows)})
    RETURNING id`.execute(db);
    return rows.length;
  });
}
