import { fail } from '@latchkey/contract';
import type { User } from '../domain/user/user.ts';
import type { FlowContext } from './context.ts';
import type { Caller } from './types.ts';

/** The caller's own row. @throws unauthenticated there is none */
export async function findCallerUser(
  { users, db }: Pick<FlowContext, 'db' | 'users'>,
  { userId }: Pick<Caller, 'userId'>,
): Promise<User> {
  const user = await users.find(db, userId);
  if (user === undefined) throw fail('unauthenticated');
  return user;
}
