import type { Page } from '../../db/page.ts';
import type { Db } from '../../db/schema.ts';
import { parseIdentifier } from './identifier.ts';
import type { User } from './user.ts';
import { listUsers, type UsersAsked } from './user-list-store.ts';
import { findUserByEmail } from './user-store.ts';

/** Who there is: the part of the user room that needs no password. */
export interface UserDirectory {
  /** Whoever has this address in the tenant. */
  findByEmail(db: Db, tenantId: string, email: string): Promise<User | undefined>;
  /** A page of users, the newest first. @throws invalid_request the cursor */
  list(db: Db, asked: UsersAsked): Promise<Page<User>>;
}

/** @example const { rows, next } = await createUserDirectory().list(db, { limit: 50, emailPrefix: 'ada' }); */
export function createUserDirectory(): UserDirectory {
  return Object.freeze<UserDirectory>({
    async findByEmail(db, tenantId, email) {
      const key = parseIdentifier(email)?.key;
      return key === undefined ? undefined : (await findUserByEmail(db, tenantId, key))?.user;
    },
    list: listUsers,
  });
}
