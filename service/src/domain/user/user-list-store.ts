import { sql } from 'kysely';
import { epochMicrosSql, toRowValue } from '../../db/keyset.ts';
import type { Db } from '../../db/schema.ts';
import { decodeTimeCursor, encodeCursor, type PageRequest, type RowPage, toPage } from '../pagination.ts';
import { identifierKey, prefixPattern } from './identifier.ts';
import type { User } from './user.ts';
import { frozen, userColumns } from './user-store.ts';

/** Which users a list shows; what is absent, any. */
export interface UserQuery extends PageRequest {
  readonly tenantId?: string | undefined;
  /** Beginning of the address; upper and lower case are one. */
  readonly emailPrefix?: string | undefined;
  /** Any part of the address or the name; upper and lower case are one. */
  readonly search?: string | undefined;
  readonly operator?: boolean | undefined;
  readonly disabled?: boolean | undefined;
}

/** The expression of the index `users_by_address`, which the planner needs in the same form. */
const address = sql<string>`coalesce(email_key, lower(email))`;

/** The expression of the index `users_by_text`. */
const text = sql<string>`lower(coalesce(email, '') || ' ' || coalesce(name, ''))`;

/** Rows that one page of a search examines at most, where there is no index of texts. */
const maxScannedRows = 5_000;

/**
 * The newest first. A search without the help of an index examines some thousand users: then a page can hold fewer rows than
 * its limit, even none, before the last one.
 *
 * @throws invalid_request the cursor
 */
export async function listUsers(db: Db, request: UserQuery): Promise<RowPage<User>> {
  const { search, limit } = request;
  if (search === undefined) return toUserPage(await readUsers(db, request), request);
  const newest = await readUsers(withNewest(db, request), request);
  // A part that many users have is found at once, in their order.
  const end = newest.length > limit ? undefined : await positionAfterScan(db, request);
  if (end === undefined) return toUserPage(newest, request);
  if (await isIndexed(db, search))
    return toUserPage(await readUsers(withMatches(db, search, request), request), request);
  return { ...toUserPage(newest, request), next: encodeCursor([end.micros, end.id]) };
}

type UserRow = User & { readonly micros: string };
type UserSource = Pick<Db, 'selectFrom'>;

/** The page behind the cursor, and one row more. */
function readUsers(source: UserSource, request: UserQuery): Promise<UserRow[]> {
  const { emailPrefix, operator, disabled, search } = request;
  return inOrder(source, request)
    .select([...userColumns, micros])
    .$if(emailPrefix !== undefined, (query) => query.where(address, 'like', prefixPattern(emailPrefix!)))
    .$if(search !== undefined, (query) => query.where(includes(search!)))
    .$if(operator !== undefined, (query) => query.where('operator', '=', operator!))
    .$if(disabled !== undefined, (query) => query.where('disabled_at', disabled ? 'is not' : 'is', null))
    .limit(request.limit + 1)
    .execute();
}

const micros = epochMicrosSql('created_at').as('micros');

/** Users of the tenant behind the cursor. */
function inOrder(source: UserSource, request: UserQuery) {
  const { tenantId } = request;
  const after = decodeTimeCursor(request);
  return source
    .selectFrom('users')
    .where('deleted_at', 'is', null)
    .$if(tenantId !== undefined, (query) => query.where('tenant_id', '=', tenantId!))
    .$if(after !== undefined, (query) => query.where(sql<boolean>`(created_at, id) < ${toRowValue(after!)}`))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc');
}

/** The text in the address or the name, in upper or lower case. */
function includes(search: string) {
  const pattern = `%${search.normalize('NFC').replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  return sql<boolean>`${text} LIKE lower(${pattern}::text)`;
}

/** In place of all users, those that a page of a search examines. */
function withNewest(db: Db, request: UserQuery): UserSource {
  return db.with(
    (cte) => cte('users').materialized(),
    () => inOrder(db, request).selectAll().limit(maxScannedRows),
  ) as unknown as UserSource;
}

/** In place of all users, those that the index of texts finds: none of another tenant, so that its users cost nothing. */
function withMatches(db: Db, search: string, { tenantId, operator }: UserQuery): UserSource {
  const found = db.selectFrom('users').selectAll().where('deleted_at', 'is', null).where(includes(search));
  return db.with(
    (cte) => cte('users').materialized(),
    () =>
      found
        .$if(tenantId !== undefined, (query) => query.where('tenant_id', '=', tenantId!))
        .$if(operator !== undefined, (query) => query.where('operator', '=', operator!)),
  ) as unknown as UserSource;
}

/** The last user that a page of a search has examined; `undefined`: there are no more behind it. */
function positionAfterScan(db: Db, request: UserQuery): Promise<{ micros: string; id: string } | undefined> {
  return inOrder(db, request)
    .select(['id', micros])
    .offset(maxScannedRows - 1)
    .limit(1)
    .executeTakeFirst();
}

/** The index needs three letters or digits in a row. */
async function isIndexed(db: Db, search: string): Promise<boolean> {
  if (!/[\p{L}\p{N}]{3}/u.test(search)) return false;
  const { rows } = await sql<{ found: boolean }>`SELECT to_regclass('users_by_text') IS NOT NULL AS found`.execute(db);
  return rows[0]!.found;
}

function toUserPage(rows: readonly UserRow[], request: UserQuery): RowPage<User> {
  const page = toPage(rows, request, (row) => [row.micros, row.id]);
  return { rows: page.rows.map(({ micros: _, ...user }) => frozen(user)), next: page.next };
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
