import { Failure } from '@latchkey/contract';
import type { Deadline } from '../db/deadline.ts';
import { type Transaction, withTransaction } from '../db/transaction.ts';
import type { FoundUser, User } from '../domain/user/user.ts';
import type { FlowContext } from './context.ts';

/**
 * Keeps a user of a hook here, with the address and the password that were just accepted. Where the address is taken, or cannot
 * be an address of this service, the user stays one of the hook.
 */
export async function takeOverUser(
  { audit, db, users }: Pick<FlowContext, 'audit' | 'db' | 'users'>,
  user: User,
  { found, ...credentials }: { readonly found: FoundUser; readonly email: string; readonly password: string },
  deadline: Deadline,
): Promise<User> {
  const { id: userId, tenantId } = user;
  const prepared = await users.prepareTakeover(found, credentials);
  if (prepared === undefined) return user;
  const keep = async ({ tx }: Transaction) => {
    const kept = await users.takeOver(tx, userId, prepared);
    if (kept !== undefined) await audit.record(tx, { action: 'user_taken_over', tenantId, userId });
    return kept ?? user;
  };
  return withTransaction(db, keep, { ...deadline, lock: ['users', userId] }).catch((error: unknown) => {
    if (error instanceof Failure && error.code === 'identifier_taken') return user;
    throw error;
  });
}
