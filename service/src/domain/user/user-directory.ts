import type { Db } from '../../db/schema.ts';
import { legacyIdentifierKey, parseIdentifier } from './identifier.ts';
import { listUsers } from './user-list-store.ts';
import { findUserByEmail, tryLockUser, type UserWithHash } from './user-store.ts';

/**
 * Look-up of users, without the password hasher that `Users` needs.
 *
 * @example const { rows, next } = await createUserDirectory().list(db, { limit: 50, emailPrefix: 'ada' });
 */
export function createUserDirectory() {
  return Object.freeze({
    /** The user with this address in the tenant. */
    async findByEmail(db: Db, tenantId: string, email: string) {
      return (await findAccountByEmail(db, tenantId, email))?.user;
    },
    /**
     * Locks the row of a user to the end of the transaction, against changes. False: another transaction changes it now, or the
     * user was deleted or has other credentials by now.
     */
    tryLock: tryLockUser,
    /** A page of users, the newest first. @throws invalid_request the cursor */
    list: listUsers,
  });
}

/** Finds the user of an address by its current and its legacy key. Addresses that only look the same do not match. */
export async function findAccountByEmail(db: Db, tenantId: string, email: string): Promise<UserWithHash | undefined> {
  const keys = accountKeys(email);
  return keys && findUserByEmail(db, tenantId, keys);
}

/** The keys under which an account may have the address; `undefined`: no account can have it. */
export function accountKeys(email: string): readonly string[] | undefined {
  const key = parseIdentifier(email)?.key;
  return key === undefined ? undefined : [...new Set([legacyIdentifierKey(email), key])];
}
