import { fail, uuidPattern } from '@latchkey/contract';
import type { Db } from '../db/schema.ts';
import type { UserDirectory } from '../domain/user/user-directory.ts';
import type { Actor } from '../flow/admin/actor.ts';
import type { AdminFlows } from '../flow/flows.ts';

/** What commands for users and tenants need. They do what `/admin` does. */
export interface AccountCommandDeps {
  readonly admin: AdminFlows;
  readonly users: Pick<UserDirectory, 'findByEmail'>;
  readonly db: Db;
  /** The command line, with a deadline that begins now. */
  readonly actor: () => Actor;
}

/**
 * The id of a user who is named by an id or an address.
 *
 * @throws not_found
 */
export async function findUserId(
  { users, db }: Pick<AccountCommandDeps, 'users' | 'db'>,
  idOrEmail: string,
  tenantId = 'default',
): Promise<string> {
  if (uuidPattern.test(idOrEmail)) return idOrEmail.toLowerCase();
  const user = await users.findByEmail(db, tenantId, idOrEmail);
  if (user !== undefined) return user.id;
  throw fail('not_found', { message: 'No user with this address is registered in this tenant.' });
}

/** What cannot be undone is done with the flag `--yes` alone. @throws invalid_request */
export function assertConfirmed(options: Readonly<Record<string, string>>, what: string): void {
  if (!('yes' in options)) throw fail('invalid_request', { message: `This deletes ${what}. Add --yes to do it.` });
}
