import { sql } from 'kysely';
import { epochMicrosSql, toRowValue } from '../../db/keyset.ts';
import type { Db } from '../../db/schema.ts';
import { decodeTimeCursor, type PageRequest, type RowPage, toPage } from '../pagination.ts';
import { identifierKey, prefixPattern } from './identifier.ts';
import type { User } from './user.ts';
import { frozen, userColumns } from './user-store.ts';

/** Which users a list shows; what is absent, any. */
export interface UserQuery extends PageRequest {
  readonly tenantId?: string | undefined;
  /** Beginning of the address; upper and lower case are one. */
  readonly emailPrefix?: string | undefined;
  readonly operator?: boolean | undefined;
  readonly disabled?: boolean | undefined;
}

/** The expression of the index `users_by_address`, which the planner needs in the same form. */
const address = sql<string>`coalesce(email_key, lower(email))`;

/** The newest first. @throws invalid_request the cursor */
export async function listUsers(db: Db, request: UserQuery): Promise<RowPage<User>> {
  const { tenantId, emailPrefix, operator, disabled, limit } = request;
  const after = decodeTimeCursor(request);
  const rows = await db
    .selectFrom('users')
    .select([...userColumns, epochMicrosSql('created_at').as('micros')])
    .where('deleted_at', 'is', null)
    .$if(tenantId !== undefined, (query) => query.where('tenant_id', '=', tenantId!))
    .$if(emailPrefix !== undefined, (query) => query.where(address, 'like', prefixPattern(emailPrefix!)))
    .$if(operator !== undefined, (query) => query.where('operator', '=', operator!))
    .$if(disabled !== undefined, (query) => query.where('disabled_at', disabled ? 'is not' : 'is', null))
    .$if(after !== undefined, (query) => query.where(sql<boolean>`(created_at, id) < ${toRowValue(after!)}`))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const page = toPage(rows, request, (row) => [row.micros, row.id]);
  return { rows: page.rows.map(({ micros, ...user }) => frozen(user)), next: page.next };
}

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
