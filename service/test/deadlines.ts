import { createSystemClock } from '@latchkey/core/internal';
import { createDatabaseClock, type DatabaseClock } from '../src/db/database-clock.ts';
import type { Deadline } from '../src/db/deadline.ts';

/**
 * The deadline of a request that is read now: the databases of the tests have this machine's clock. Only what is judged
 * needs the epoch of the database.
 */
export const inTime = (): Deadline => ({ until: Date.now() + 5_000, createdBefore: Date.now() + 1_000, epoch: '' });

/** The deadline of a request that was read too long ago. All that there is was meant by it, so that the deadline alone decides. */
export const tooLate = (): Deadline => ({ until: Date.now() - 1_000, createdBefore: Date.now() + 1_000, epoch: '' });

/** An estimate that has had its first sample, in this database epoch. */
export function knownClock(epoch = ''): DatabaseClock {
  const clock = createSystemClock();
  const time = createDatabaseClock({ clock });
  const m = clock.monotonic();
  time.sample({ sentAt: m, answeredAt: m, time: Date.now() });
  time.serveEpoch(epoch);
  return time;
}
