import type { EndedSessions } from '@latchkey/contract';
import { type Deadline, deadlineNow } from '../../db/deadline.ts';
import { assertSessionLive } from '../assert-session-live.ts';
import type { FlowContext } from '../context.ts';
import { type DeleteUserContext, deleteUser } from '../delete-user.ts';
import { findCallerUser } from '../find-caller-user.ts';
import { assertFreshSignIn } from '../fresh-sign-in.ts';
import type { Caller, Client } from '../types.ts';

/** How fresh a sign-in has to be for the deletion of the account, in seconds. */
const maxSignInAgeSeconds = 5 * 60;

/**
 * Deletes the caller's account, and ends all its sessions.
 *
 * @throws reauthentication_required · unauthenticated the session was ended · forbidden the caller is the last operator · unavailable the deadline passed
 */
export async function deleteAccount(
  context: DeleteUserContext & Pick<FlowContext, 'databaseClock'>,
  caller: Caller,
  { addressPrefix }: Client,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<EndedSessions> {
  assertFreshSignIn(context, caller, maxSignInAgeSeconds);
  const user = await findCallerUser(context, caller);
  return deleteUser(context, user, {
    auditFields: { sid: caller.sid, addressPrefix },
    deadline,
    assertAllowed: (tx) => assertSessionLive(context, tx, caller),
  });
}
