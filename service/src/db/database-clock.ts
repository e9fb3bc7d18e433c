import { fail } from '@latchkey/contract';
import { type Clock, createListeners } from '@latchkey/core/internal';

/** One reading of the database's clock. `sentAt` and `answeredAt` in monotonic ms of this process. */
type TimeSample = {
  readonly sentAt: number;
  readonly answeredAt: number;
  /** `clock_timestamp()` of the primary while it worked on the statement, in epoch ms. */
  readonly time: number;
};

/**
 * How far the database's clock may go back before it counts as set back, in ms. Until then, expired access tokens stay expired
 * and new ones become valid a little later.
 */
export const backwardToleranceMs = 30_000;

/** How long a sample may be the one that counts, in ms: beyond, the two clocks may have drifted apart. */
const maxSampleAgeMs = 60_000;
/** A sample that lies further beside the estimate replaces it at once, in ms. */
const toleranceMs = 50;
const jumpMs = 2_000;
/** PGlite's `clock_timestamp()` has whole milliseconds. */
const resolutionMs = 1;

const roundTrip = ({ sentAt, answeredAt }: TimeSample) => answeredAt - sentAt;
const earliestOf = ({ time, answeredAt }: TimeSample, at: number) => time + (at - answeredAt);
const latestOf = ({ time, sentAt }: TimeSample, at: number) => time + resolutionMs + (at - sentAt);

export type DatabaseClock = ReturnType<typeof createDatabaseClock>;

/**
 * This process's estimate of the database's clock, in epoch milliseconds. Every deadline and every check of a time uses
 * it, never the wall clock of this machine.
 * {@link DatabaseClock.earliest}, {@link DatabaseClock.now} and {@link DatabaseClock.latest} throw `unavailable`
 * before the first sample. {@link DatabaseClock.isKnown} is false until then.
 *
 * Of the samples of the last minute, the one with the shortest round trip counts.
 *
 * @example
 * const time = createDatabaseClock({ clock });
 * time.sample({ sentAt, answeredAt, time: row.t_ms });
 * const until = time.earliest() + 5_000;
 */
export function createDatabaseClock({ clock }: { clock: Pick<Clock, 'monotonic'> }) {
  /** Ordered by age; each one has a longer round trip than those before it. */
  let samples: TimeSample[] = [];
  let sampledAt = Number.NEGATIVE_INFINITY;
  let epoch: string | undefined;
  let servedEpoch = '';
  const jumps = createListeners<[aheadMs: number]>();

  function bestSample(): TimeSample {
    const [sample] = samples;
    if (sample === undefined) throw fail('unavailable', { detail: 'the database clock was not read yet' });
    return sample;
  }

  /** How far the sample lies beside the estimate: negative behind it, positive ahead of it, 0 where they overlap. */
  function distance(fresh: TimeSample): number {
    const [kept] = samples;
    if (kept === undefined) return 0;
    const at = fresh.answeredAt;
    const ahead = earliestOf(fresh, at) - latestOf(kept, at);
    const behind = latestOf(fresh, at) - earliestOf(kept, at);
    return ahead > 0 ? ahead : Math.min(0, behind);
  }

  function keep(fresh: TimeSample): void {
    while (samples.length > 0 && roundTrip(samples.at(-1)!) >= roundTrip(fresh)) samples.pop();
    samples.push(fresh);
    while (samples.length > 1 && fresh.answeredAt - samples[0]!.answeredAt > maxSampleAgeMs) samples.shift();
  }

  function sample(fresh: TimeSample): void {
    const beside = distance(fresh);
    if (Math.abs(beside) > toleranceMs) samples = [];
    keep(fresh);
    sampledAt = Math.max(sampledAt, fresh.answeredAt);
    if (beside > jumpMs) jumps.emit(beside);
  }

  const earliest = () => earliestOf(bestSample(), clock.monotonic());
  const latest = () => latestOf(bestSample(), clock.monotonic());
  return Object.freeze({
    /** The lower bound of the database's time now. */
    earliest,
    /** The upper bound of the database's time now. */
    latest,
    /** The middle of both. */
    now: () => (earliest() + latest()) / 2,
    /** Takes an answer of the database into the estimate. */
    sample,
    /** Runs a statement whose answer holds the database's time, and takes that as a sample. */
    async measure<T>(statement: () => Promise<T>, timeOf: (answer: T) => number | undefined) {
      const sentAt = clock.monotonic();
      const answer = await statement();
      const time = timeOf(answer);
      if (time !== undefined) sample({ sentAt, answeredAt: clock.monotonic(), time });
      return answer;
    },
    /**
     * The epoch that the samples from now on belong to. Another epoch than before drops all samples: it is another server,
     * with another clock.
     */
    enterEpoch(entered: string) {
      if (epoch !== undefined && entered !== epoch) {
        samples = [];
        sampledAt = Number.NEGATIVE_INFINITY;
      }
      epoch = entered;
    },
    /**
     * The epoch to which requests belong that arrive now; empty before the first one is served. A statement that is asked
     * for in another epoch than the server's judges nothing.
     */
    get epoch() {
      return servedEpoch;
    },
    /** This node knows what ended in this epoch: from now on requests belong to it. */
    serveEpoch(known: string) {
      servedEpoch = known;
    },
    get isKnown() {
      return samples.length > 0;
    },
    /** Milliseconds since the newest sample; infinite before the first one. */
    ageMs: () => clock.monotonic() - sampledAt,
    /** Width of the interval between {@link DatabaseClock.earliest} and {@link DatabaseClock.latest}; infinite before the first sample. */
    widthMs: () => (samples[0] === undefined ? Number.POSITIVE_INFINITY : latest() - earliest()),
    /**
     * Calls `listener` when a sample is more than 2 s ahead of the estimate: this machine was suspended, so that its
     * monotonic clock stopped, or the database's clock was set forward. Returns the function that removes it.
     */
    onJump: jumps.add,
  });
}
