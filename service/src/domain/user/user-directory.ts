import type { Db } from '../../db/schema.ts';
import type { RowPage } from '../pagination.ts';
import { legacyIdentifierKey, parseIdentifier } from './identifier.ts';
import type { User } from './user.ts';
import { listUsers, type UserQuery } from './user-list-store.ts';
import { findUserByEmail, type UserWithHash } from './user-store.ts';

/** Look-up of users, without the password hasher that `Users` needs. */
export interface UserDirectory {
  /** The user with this address in the tenant. */
  findByEmail(db: Db, tenantId: string, email: string): Promise<User | undefined>;
  /** A page of users, the newest first. @throws invalid_request the cursor */
  list(db: Db, asked: UserQuery): Promise<RowPage<User>>;
}

/** @example const { rows, next } = await createUserDirectory().list(db, { limit: 50, emailPrefix: 'ada' }); */
export function createUserDirectory(): UserDirectory {
  return Object.freeze<UserDirectory>({
    async findByEmail(db, tenantId, email) {
      return (await findAccountByEmail(db, tenantId, email))?.user;
    },
    list: listUsers,
  });
}

/** Finds the user of an address by its current and its legacy key. Addresses that only look the same do not match. */
export async function findAccountByEmail(db: Db, tenantId: string, email: string): Promise<UserWithHash | undefined> {
  const key = parseIdentifier(email)?.key;
  if (key === undefined) return undefined;
  return findUserByEmail(db, tenantId, [...new Set([legacyIdentifierKey(email), key])]);
}
