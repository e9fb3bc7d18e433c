import type { BankDb } from '../database/schema.ts';
import type { Account, Owner } from './account.ts';

/** An account and whose it is. */
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

/** An empty account, unless the owner has one. */
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

/** The payer's account and the one with number `to`, locked: always the lower number first, so nobody waits in a circle. */
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

/** Moves the balance, or nothing when it would fall below zero. */
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
