import type { BankDb } from '../database/schema.ts';
import type { Account, Owner } from './account.ts';

/** An account with the user who owns it. */
export interface OwnedAccount extends Account {
  readonly userId: string;
}

const columns = ['number', 'user_id as userId', 'holder', 'balance', 'version'] as const;

export function findAccount(db: BankDb, { tenantId, userId }: Owner): Promise<OwnedAccount | undefined> {
  return db
    .selectFrom('accounts')
    .select(columns)
    .where('tenant_id', '=', tenantId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
}

/** Inserts an empty account. Returns undefined when the owner has an account. */
export function insertAccount(
  db: BankDb,
  { tenantId, userId }: Owner,
  holder: string,
): Promise<OwnedAccount | undefined> {
  return db
    .insertInto('accounts')
    .values({ tenant_id: tenantId, user_id: userId, holder, balance: 0, version: 0 })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'user_id']).doNothing())
    .returning(columns)
    .executeTakeFirst();
}

/** Locks the payer's account and the account `to`. The lower number is locked first, so transfers cannot deadlock. */
export function lockAccounts(db: BankDb, { tenantId, userId }: Owner, to: number): Promise<OwnedAccount[]> {
  return db
    .selectFrom('accounts')
    .select(columns)
    .where('tenant_id', '=', tenantId)
    .where((where) => where.or([where('user_id', '=', userId), where('number', '=', to)]))
    .orderBy('number')
    .forUpdate()
    .execute();
}

/** Adds to the balance. Returns undefined, without a change, when the balance would fall below zero. */
export function addToBalance(db: BankDb, number: number, amount: number): Promise<Account | undefined> {
  return db
    .updateTable('accounts')
    .set((set) => ({ balance: set('balance', '+', amount), version: set('version', '+', 1) }))
    .where('number', '=', number)
    .where((where) => where(where('balance', '+', amount), '>=', 0))
    .returning(['number', 'holder', 'balance', 'version'])
    .executeTakeFirst();
}

/** Accounts of these users, by holder. */
export function listHolders(
  db: BankDb,
  tenantId: string,
  userIds: readonly string[],
  limit: number,
): Promise<Pick<Account, 'number' | 'holder'>[]> {
  if (userIds.length === 0) return Promise.resolve([]);
  return db
    .selectFrom('accounts')
    .select(['number', 'holder'])
    .where('tenant_id', '=', tenantId)
    .where('user_id', 'in', userIds)
    .orderBy('holder')
    .orderBy('number')
    .limit(limit)
    .execute();
}
