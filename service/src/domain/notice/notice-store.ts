import { sql } from 'kysely';
import { deleteInPieces, maxDeletedRows } from '../../db/delete-in-pieces.ts';
import { epochMicrosSql, type KeysetPosition, toRowValue } from '../../db/keyset.ts';
import type { Db } from '../../db/schema.ts';
import { isNotEnded } from '../session/live-session.sql.ts';
import { knownBrowserDays, type NoticeCursor, type NoticedSession } from './notice.ts';

/** Rows that one statement examines. */
export const pageSize = 100;

/** Later than the commit of every transaction that has opened or ended a session by then: its statements end in time. */
const settledSeconds = 15;

/** What happened longer ago is not reported any more. */
const maxAgeMinutes = 60;

const timeOf = { opened: 's.created_at', ended: 's.revoked_at' } as const;

/** Users with a verified address, who are no users of a hook. */
const notifiable = sql.raw(`u.email_verified_at IS NOT NULL AND u.email_key IS NOT NULL AND u.disabled_at IS NULL
  AND u.deleted_at IS NULL`);

/** Sessions from before the owner of the address took the account over are those of another user, and are not reported. */
const isOfOwner = sql.raw(`NOT EXISTS (SELECT FROM audit a WHERE a.uid = s.uid AND a.action = 'possession_taken'
  AND a.at >= s.created_at)`);

/** The end of the last page, locked to the end of the transaction. `undefined`: another node examines sessions. */
export async function lockCursor(tx: Db, name: NoticeCursor): Promise<KeysetPosition | undefined> {
  const { rows } = await sql<KeysetPosition>`/* name: lock_notice_cursor */
    WITH locked AS MATERIALIZED (SELECT greatest(at, clock_timestamp() - make_interval(mins => ${maxAgeMinutes}::int)) AS at, sid
      FROM notice_cursors WHERE name = ${name} FOR UPDATE SKIP LOCKED)
    SELECT ${epochMicrosSql('at')} AS micros, sid AS id FROM locked`.execute(tx);
  return rows[0];
}

export async function moveCursor(tx: Db, name: NoticeCursor, { micros, id }: KeysetPosition): Promise<void> {
  await sql`/* name: move_notice_cursor */
    UPDATE notice_cursors SET (at, sid) = (SELECT * FROM (VALUES ${toRowValue({ micros, id })}) v) WHERE name = ${name}`.execute(
    tx,
  );
}

/** A row of the page; without an address there is no notice of it. */
type NoticeRow = Omit<NoticedSession, 'email'> & { readonly email: string | null; readonly micros: string };

/** Sessions are not locked, so that no presentation of a token waits. */
export async function readSessions(tx: Db, name: NoticeCursor, after: KeysetPosition): Promise<readonly NoticeRow[]> {
  const time = sql.raw(timeOf[name]);
  const state = name === 'opened' ? isNotEnded('s') : sql`s.revoked_at IS NOT NULL`;
  const { rows } = await sql<NoticeRow>`
    WITH page AS MATERIALIZED (SELECT s.*, ${epochMicrosSql(timeOf[name])} AS micros FROM sessions s
      WHERE ${state} AND (${time}, s.sid) > ${toRowValue(after)}
        AND ${time} < clock_timestamp() - make_interval(secs => ${settledSeconds}::int)
      ORDER BY ${time}, s.sid LIMIT ${pageSize})
    SELECT s.sid, s.uid AS "userId", s.tenant_id AS "tenantId", s.jkt, s.user_agent AS "userAgent", s.micros,
      s.created_at AS "openedAt", s.revoked_at AS "endedAt", s.revoke_reason AS "endReason", u.email, u.locale,
      coalesce((SELECT json_agg(json_build_object('jkt', o.jkt, 'userAgent', o.user_agent)) FROM sessions o
        WHERE o.uid = u.id AND ${isNotEnded('o')} AND o.created_at < s.created_at), '[]') AS earlier,
      EXISTS (SELECT FROM known_browsers k WHERE k.uid = u.id) AS "hasKnownBrowser"
    FROM page s LEFT JOIN users u ON u.id = s.uid AND ${notifiable} AND ${isOfOwner} ORDER BY ${time}, s.sid`.execute(
    tx,
  );
  return rows;
}

/**
 * Locks users to the end of the transaction, against a deletion, in the order of their ids.
 *
 * @returns those who can still be notified
 */
export async function lockNotifiable(tx: Db, userIds: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`/* name: lock_notifiable_users */
    SELECT u.id FROM users u WHERE u.id = ANY(${userIds}::uuid[]) AND ${notifiable} ORDER BY u.id FOR SHARE`.execute(
    tx,
  );
  return new Set(rows.map(({ id }) => id));
}

/** Remembers a browser of the user. False: it was known. */
export async function rememberBrowser(
  tx: Db,
  { userId, openedAt }: Pick<NoticedSession, 'userId' | 'openedAt'>,
  mark: Buffer,
): Promise<boolean> {
  const { rows } = await sql<{ isNew: boolean }>`/* name: remember_browser */
    INSERT INTO known_browsers AS k (uid, mark, last_used_at) VALUES (${userId}::uuid, ${mark}::bytea, ${openedAt})
    ON CONFLICT (uid, mark) DO UPDATE SET last_used_at = greatest(k.last_used_at, excluded.last_used_at)
    RETURNING (xmax = 0) AS "isNew"`.execute(tx);
  return rows[0]!.isNew;
}

/** Deletes browsers that no sign-in used for 90 days. */
export function deleteUnusedBrowsers(db: Db): Promise<number> {
  return deleteInPieces(async () => {
    const { rows } = await sql`/* name: delete_unused_browsers */
    DELETE FROM known_browsers WHERE (uid, mark) IN (SELECT uid, mark FROM known_browsers
      WHERE last_used_at < clock_timestamp() - make_interval(days => ${knownBrowserDays}::int)
      ORDER BY last_used_at LIMIT ${sql.lit(maxDeletedRows)})
    RETURNING uid`.execute(db);
    return rows.length;
  });
}

/** Deletes what is known of a user's browsers. */
export async function deleteBrowsersOfUser(tx: Db, userId: string): Promise<void> {
  await sql`/* name: delete_browsers_of_user */ DELETE FROM known_browsers WHERE uid = ${userId}::uuid`.execute(tx);
}
