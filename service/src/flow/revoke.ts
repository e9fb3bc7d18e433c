import { Failure } from '@latchkey/contract';
import { type Deadline, deadlineNow } from '../db/deadline.ts';
import type { FlowContext } from './context.ts';
import { logout } from './logout.ts';

/**
 * RFC 7009: the token is its own credential and ends its session. A token that is no longer good, or never was, is no
 * error; trouble on our side is.
 */
export async function revoke(
  context: Pick<
    FlowContext,
    'audit' | 'clock' | 'databaseClock' | 'db' | 'feed' | 'onError' | 'sessions' | 'tokens' | 'users'
  >,
  token: string,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<void> {
  const sid = await findSessionId(context, token);
  if (sid !== undefined) await logout(context, sid, 'session', deadline);
}

async function findSessionId({ tokens }: Pick<FlowContext, 'tokens'>, token: string): Promise<string | undefined> {
  try {
    return (await tokens.readSession(token)).sid;
  } catch (error) {
    if (!(error instanceof Failure) || error.retryable) throw error;
  }
  try {
    return (await tokens.readAccess(token)).sid;
  } catch (error) {
    if (!(error instanceof Failure) || error.retryable) throw error;
    return undefined;
  }
}
