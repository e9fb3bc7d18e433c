import { fail } from '@latchkey/contract';
import type { OperatorStatus } from '../../domain/operator/operator-store.ts';
import type { FlowContext } from '../context.ts';
import { assertOperator } from './actor.ts';

/**
 * Whether a session may subscribe with this admin token, and until when.
 *
 * @throws unauthenticated · forbidden the token is of another session, or its user is no operator
 */
export async function authorizeUpdates(
  context: Pick<FlowContext, 'databaseClock' | 'db' | 'operators' | 'tokens'>,
  token: string,
  sid: string,
): Promise<{ expiresInSeconds: number }> {
  const claims = await context.tokens.readAdmin(token);
  if (claims.sid !== sid) throw fail('forbidden', { message: 'This token belongs to another session.' });
  await assertOperator(context, sid);
  return { expiresInSeconds: Math.max(1, claims.exp - Math.floor(context.databaseClock.now() / 1_000)) };
}

/** Whether the users of these sessions are operators now. */
export async function readOperatorStatuses(
  { operators, db }: Pick<FlowContext, 'db' | 'operators'>,
  sids: readonly string[],
): Promise<ReadonlyMap<string, OperatorStatus>> {
  return operators.readStatuses(db, sids);
}

/** Calls `listener` for each session that is ended, on any node. Returns the function that removes it. */
export function onSessionEnded({ feed }: Pick<FlowContext, 'feed'>, listener: () => void): () => void {
  return feed.onEnded(listener);
}
