import { sql } from 'kysely';
import { microsOf, rowAt } from '../../db/keyset.ts';
import { type Page, type PageAsked, pageOf, placeOf } from '../../db/page.ts';
import type { Db } from '../../db/schema.ts';
import { startsWith } from './identifier.ts';
import type { User } from './user.ts';
import { columns, type Row, toUser } from './user-store.ts';

/** Which users a list shows; what is absent, any. */
export interface UsersAsked extends PageAsked {
  readonly tenantId?: string | undefined;
  /** Beginning of the address; upper and lower case are one. */
  readonly emailPrefix?: string | undefined;
  readonly operator?: boolean | undefined;
  readonly disabled?: boolean | undefined;
}

/** The same expression as in the index `users_by_address`. */
const address = sql<string>`coalesce(email_key, lower(email))`;

/** The newest first. @throws invalid_request the cursor */
export async function listUsers(db: Db, asked: UsersAsked): Promise<Page<User>> {
  const { tenantId, emailPrefix, operator, disabled, limit } = asked;
  const after = placeOf(asked);
  const rows = await db
    .selectFrom('users')
    .select([...columns, microsOf('created_at').as('micros')])
    .$if(tenantId !== undefined, (query) => query.where('tenant_id', '=', tenantId!))
    .$if(emailPrefix !== undefined, (query) => query.where(address, 'like', startsWith(emailPrefix!)))
    .$if(operator !== undefined, (query) => query.where('operator', '=', operator!))
    .$if(disabled !== undefined, (query) => query.where('disabled_at', disabled ? 'is not' : 'is', null))
    .$if(after !== undefined, (query) => query.where(sql<boolean>`(created_at, id) < ${rowAt(after!)}`))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const page = pageOf(rows, asked, (row) => [row.micros, row.id]);
  return { rows: page.rows.map((row: Row) => toUser(row)), next: page.next };
}
