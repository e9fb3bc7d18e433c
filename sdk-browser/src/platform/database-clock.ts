import type { AskedAt } from '@latchkey/contract';
import type { Timers } from './timers.ts';

/**
 * The longest round trip that allows an estimate. On a slower connection the service would count a new request as late, so the
 * field is omitted and the time of arrival counts.
 */
const maxRoundTripMs = 2_000;

/** Creates an estimate without a time. */
export function createDatabaseClockEstimate(timers: Timers) {
  let offset: number | undefined;
  return Object.freeze({
    /**
     * Sets the time from an answer or a refusal.
     *
     * @param now the field `now` of the answer, in epoch milliseconds. Other values are ignored
     * @param sentAt time of the request, by the timers
     */
    learn(now: unknown, sentAt: number) {
      if (typeof now !== 'number' || !Number.isFinite(now)) return;
      const answeredAt = timers.now();
      offset = answeredAt - sentAt > maxRoundTripMs ? undefined : now - answeredAt;
    },
    /** Returns the field {@link AskedAt} of a request that is sent now. Empty until an answer has carried the time. */
    stamp() {
      const asked_at = offset === undefined ? -1 : Math.floor(offset + timers.now());
      return asked_at < 0 ? {} : { asked_at };
    },
  });
}

/** Estimate of the time of the service's database: the time of the last answer plus the elapsed time of the monotonic clock. */
export type DatabaseClockEstimate = ReturnType<typeof createDatabaseClockEstimate>;
