import type { AskedAt } from '@latchkey/contract';
import type { Timers } from './timers.ts';

/** The time of the service's database, as its answers say it, continued by this browser's monotonic clock. */
export interface DatabaseClockEstimate {
  /**
   * Takes the time from an answer or a refusal that has arrived.
   *
   * @param now its field of that name, in epoch milliseconds; anything else is ignored
   * @param sentAt when its request was sent, by the timers
   */
  learn(now: unknown, sentAt: number): void;
  /** The field {@link AskedAt} of a request that is sent now. Empty until an answer has said the time. */
  stamp(): { asked_at?: AskedAt };
}

/**
 * On a connection this slow, a request would count as late although it was just sent. No field is sent there, so that the
 * time of arrival counts.
 */
const maxRoundTripMs = 2_000;

export function createDatabaseClockEstimate(timers: Timers): DatabaseClockEstimate {
  let offset: number | undefined;
  return Object.freeze({
    learn(now: unknown, sentAt: number) {
      if (typeof now !== 'number' || !Number.isFinite(now)) return;
      const answeredAt = timers.now();
      offset = answeredAt - sentAt > maxRoundTripMs ? undefined : now - answeredAt;
    },
    stamp() {
      const asked_at = offset === undefined ? -1 : Math.floor(offset + timers.now());
      return asked_at < 0 ? {} : { asked_at };
    },
  });
}
