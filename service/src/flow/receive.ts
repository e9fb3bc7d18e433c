import { fail } from '@latchkey/contract';
import { type Deadline, deadlineOf, receivedNow } from '../db/deadline.ts';
import type { FlowNeeds } from './needs.ts';

/**
 * Fixes the moment at which a request was read. The function gives the request's deadline, once its body has been read
 * and says when it was asked.
 *
 * @throws unavailable (the function) the database's clock was not read yet
 */
export function receive({ databaseClock }: Pick<FlowNeeds, 'databaseClock'>): (askedAt?: number) => Deadline {
  if (!databaseClock.isKnown) return () => unknownClock();
  const received = receivedNow(databaseClock);
  return (askedAt) => deadlineOf(received, askedAt);
}

function unknownClock(): never {
  throw fail('unavailable', { detail: 'the database clock was not read yet', retryAfterMs: 1_000 });
}
