import { type Deadline, deadlineNow } from '../db/deadline.ts';
import type { FlowContext } from './context.ts';
import { type LogoutContext, logout } from './logout.ts';
import { tryRead } from './try-read.ts';

/**
 * RFC 7009: the token is its own credential and ends its session. A token that is no longer good, or never was, is no
 * error; trouble on our side is.
 */
export async function revoke(
  context: LogoutContext & Pick<FlowContext, 'tokens'>,
  token: string,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<void> {
  const sid = await findSessionId(context, token);
  if (sid !== undefined) await logout(context, sid, 'session', deadline);
}

async function findSessionId({ tokens }: Pick<FlowContext, 'tokens'>, token: string): Promise<string | undefined> {
  const found = (await tryRead(() => tokens.readSession(token))) ?? (await tryRead(() => tokens.readAccess(token)));
  return found?.sid;
}
