import { toFailure } from '@latchkey/contract';
import type { FlowContext } from './context.ts';
import { now } from './now.ts';

/** Every failure of `work` carries the database's time, from which the caller counts when it asks again. */
export async function timestampFailures<T>(
  context: Pick<FlowContext, 'databaseClock'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toFailure(error).with({ nowMs: now(context) });
  }
}
