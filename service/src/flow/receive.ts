import { fail } from '@latchkey/contract';
import { type Deadline, deadlineOf, lateFailure, type RequestTime, requestTimeNow } from '../db/deadline.ts';
import type { FlowContext } from './context.ts';

/**
 * Fixes the moment at which a request was read. The function gives the request's deadline, once its body has been read
 * and says when it was asked. What is read within 5 s of a suspension of this process may be as old as that was long, so
 * that it has to say when it was asked.
 *
 * @throws unavailable (the function) the database's clock was not read yet, or the request's age is unknown
 */
export function receive({ databaseClock, suspension, clock }: ReceiveContext): (askedAt?: number) => Deadline {
  suspension.check();
  const isOfUnknownAge = clock.monotonic() - suspension.resumedAt < unsureMs;
  if (!databaseClock.isKnown) return () => unknownClock();
  const received = requestTimeNow(databaseClock);
  return (askedAt) => {
    if (isOfUnknownAge && !isPlausible(askedAt, received)) throw lateFailure();
    return deadlineOf(received, askedAt);
  };
}

type ReceiveContext = Pick<FlowContext, 'databaseClock' | 'suspension' | 'clock'>;

/** Longer than requests wait in the sockets of a process that has resumed, in ms. */
const unsureMs = 5_000;
/** How far the clocks of a client and of this node may differ, in ms. */
const toleranceMs = 1_000;

/** A moment in the future counts as the reading, which says nothing here. */
const isPlausible = (askedAt: number | undefined, { latest }: RequestTime): boolean =>
  askedAt !== undefined && askedAt <= latest + toleranceMs;

function unknownClock(): never {
  throw fail('unavailable', { detail: 'the database clock was not read yet', retryAfterMs: 1_000 });
}
