import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';
import { identifierKey } from './identifier.ts';

interface KeyedRow {
  readonly id: string;
  readonly email: string;
  readonly email_key: string;
}

/**
 * Ids of accounts whose mailbox an older account of the tenant has in another spelling, the oldest first. Such accounts
 * were made before both spellings were one address. Each signs in with the spelling that it registered.
 */
export async function findSharedMailboxes(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<KeyedRow>`SELECT id, email, email_key FROM users
    WHERE email_key IS NOT NULL AND email IS NOT NULL
      AND (octet_length(email) <> char_length(email) OR email_key LIKE '%xn--%')
    ORDER BY created_at, id`.execute(db);
  return rows.filter(({ email, email_key }) => identifierKey(email) !== email_key).map(({ id }) => id);
}
