import { type Failure, fail } from '@latchkey/contract';
import { type RawBuilder, sql } from 'kysely';
import type { DatabaseClock } from './database-clock.ts';

/** Milliseconds for which a piece of work counts after it was asked for. Shorter than every window of a verdict. */
const deadlineMs = 5_000;
/** No honest deadline lies further ahead, in ms: where one does, the database's clock was set back. */
const maxAheadMs = 6_000;

/** When a request was read, by the database's clock, in epoch ms. */
export interface RequestTime {
  /** Not later than the reading. */
  readonly earliest: number;
  /** Not earlier than the reading. */
  readonly latest: number;
  /** The database epoch in which it was read; see `epoch.ts`. */
  readonly epoch: string;
}

/** Until when a piece of work counts. Both in epoch ms of the database's clock. */
export interface Deadline {
  /** From here on the work changes nothing. Kept by every retry and every statement of the work. */
  readonly until: number;
  /** What was created after this moment was not meant by the request; `null`: all that there is was meant. */
  readonly createdBefore: number | null;
  /** In another database epoch nothing is judged: the times are of another clock. */
  readonly epoch: string;
}

export function requestTimeNow(time: Pick<DatabaseClock, 'earliest' | 'latest' | 'epoch'>): RequestTime {
  return { earliest: time.earliest(), latest: time.latest(), epoch: time.epoch };
}

/** The deadline of a request that was read just now. @throws unavailable the database's clock was not read yet */
export function deadlineNow(
  time: Pick<DatabaseClock, 'earliest' | 'latest' | 'epoch'>,
  requestedAt?: number,
): Deadline {
  return deadlineOf(requestTimeNow(time), requestedAt);
}

/** @param requestedAt when the caller says that it asked; a moment after the reading counts as the reading */
export function deadlineOf({ earliest, latest, epoch }: RequestTime, requestedAt = earliest): Deadline {
  return { until: Math.min(requestedAt, earliest) + deadlineMs, createdBefore: latest, epoch };
}

/**
 * Extends a deadline to sessions created at any time, for an end of sessions under the lock of the row whose change makes
 * codes invalid: each session that exists under that lock was opened with a code from before the change.
 */
export const forAllCreated = (deadline: Deadline): Deadline => ({ ...deadline, createdBefore: null });

/**
 * Extends a deadline to sessions created before `at`, the time of the lock under which codes became invalid, for an end of
 * sessions after that commit. Later sessions have a code from after it. The margin of 1 ms covers the database's rounding;
 * no session is opened under the lock.
 */
export const forCreatedBefore = (deadline: Deadline, at: number): Deadline => ({ ...deadline, createdBefore: at + 1 });

/** Whether work with this deadline comes too late at `now`, or by a clock that was set back. */
export function isLate(now: number, until: number): boolean {
  return now >= until || until > now + maxAheadMs;
}

/**
 * {@link isLate} as an SQL condition. `t` has to be read after the locks of the statement, because a condition beside FOR
 * UPDATE is evaluated before the wait for a lock.
 *
 * @param t SQL of a `timestamptz` · @param until SQL of another one
 */
export const lateSql = (t: string, until: string): string =>
  `(${t} >= ${until} OR ${until} > ${t} + interval '${maxAheadMs / 1_000} s')`;

/** SQL of the moment of an expression in epoch ms, which is a `float8`. */
export const timestampSql = (ms: string): string => `(timestamptz 'epoch' + ${ms} * interval '1 ms')`;

/** The moment as a parameter of a statement, or of an expression in epoch ms; `null` stays null. */
export const timestampFromMs = (ms: number | null | RawBuilder<number>): RawBuilder<Date> =>
  sql`(timestamptz 'epoch' + ${ms}::float8 * interval '1 ms')`;

/** Requests that are late were delayed together, by one stall or failover: their retries are spread over this many ms. */
const spreadMs = 300;

/** After how many ms work that was late, or of another epoch, may be asked for again, with full jitter. */
export const randomRetryDelayMs = (): number => Math.floor(Math.random() * (spreadMs + 1));

/** What a request becomes that changed nothing, or only a part, because its deadline had passed. */
export function lateFailure(message?: string): Failure {
  return fail('unavailable', { message, detail: 'late', retryAfterMs: randomRetryDelayMs() });
}
