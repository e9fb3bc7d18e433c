import { fail } from '@latchkey/contract';
import type { Db } from '../db/schema.ts';
import type { FlowContext } from './context.ts';
import type { Caller } from './types.ts';

/**
 * Refuses a change whose session was ended while it was under way, or within the second in which another node learns of it: the
 * account may have another owner since. Call it with the row of the user locked.
 *
 * @throws unauthenticated
 */
export async function assertSessionLive(
  { sessions }: Pick<FlowContext, 'sessions'>,
  tx: Db,
  { sid }: Pick<Caller, 'sid'>,
): Promise<void> {
  if ((await sessions.live(tx, sid)) === undefined) throw fail('unauthenticated', { detail: 'session ended' });
}
