import { toFailure } from '@latchkey/contract';
import type { DatabaseClock } from '../db/database-clock.ts';

/** The database's time in whole ms, which answers carry as `now`; `undefined` before it was read. */
export function databaseNowMs(time: DatabaseClock): number | undefined {
  return time.isKnown ? Math.floor(time.now()) : undefined;
}

/** Every failure of `work` carries the database's time, from which the caller counts when it asks again. */
export async function timestampFailures<T>(time: DatabaseClock, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toFailure(error).with({ nowMs: databaseNowMs(time) });
  }
}
