import type { Causes } from '@latchkey/core';
import { type Clock, createListeners, createVerificationClock, type Logger } from '@latchkey/core/internal';

/** The time of the service's database as this process estimates it from what the service sends. */
export type ServiceClock = ReturnType<typeof createServiceClock>;

/** A message that came in at `at` (monotonic) said `at + offset`. */
interface Sample {
  readonly at: number;
  readonly offset: number;
}

/** How long a sample may be the one that counts, in ms: beyond, the two clocks may have drifted apart. */
const maxSampleAgeMs = 60_000;
/** When the time goes back by up to this, it waits, in ms: the service replaces its keys only beyond. */
const maxSetBackMs = 30_000;

/** From here on the clock of this machine is reported as wrong, in ms. */
const maxClockSkewMs = 10_000;

interface ServiceClockDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly causes: Pick<Causes, 'report'>;
}

/**
 * A message of one way says that it is at least so late, so the fastest one of the last minute counts: the error is its latency.
 * Without the service the monotonic clock continues the estimate.
 */
export function createServiceClock({ clock, log, causes }: ServiceClockDeps) {
  /** Ordered by age; each one says less than those before it. */
  let samples: Sample[] = [];
  let known: string | undefined;
  let isSetBack = false;
  let isReported = false;
  let isFar = false;
  const listeners = createListeners<[]>();
  const judged = createVerificationClock(() => clock.monotonic() + samples[0]!.offset);

  function keep(fresh: Sample): void {
    while (samples.length > 0 && samples.at(-1)!.offset <= fresh.offset) samples.pop();
    samples.push(fresh);
    while (fresh.at - samples[0]!.at > maxSampleAgeMs) samples.shift();
  }

  /** Another epoch is another server, or its clock was set, so earlier samples are dropped. True when it is another one. */
  function enter(epoch: string): boolean {
    const isOther = known !== undefined && known !== epoch;
    if (isOther) samples = [];
    known = epoch;
    return isOther;
  }

  /** The clock of this machine judges nothing here, but the app, its log and its certificates use it. */
  function compareClocks(): void {
    const aheadMs = clock.now() - clock.monotonic() - samples[0]!.offset;
    const wasFar = isFar;
    isFar = Math.abs(aheadMs) > maxClockSkewMs;
    if (isFar && !wasFar) causes.report('clock_apart', { ahead_ms: Math.round(aheadMs) });
  }

  function reportOlder(): void {
    if (isReported || samples.length > 0) return;
    isReported = true;
    log.warn({}, 'the service does not send its time; access tokens are judged by the clock of this machine');
  }

  return Object.freeze({
    /**
     * Epoch milliseconds by which access tokens, proofs and ended sessions are judged here. It never goes back, unless the service
     * has withdrawn its signing keys. Before the first sample, and beside an older service, the clock of this machine.
     */
    now: () => (samples.length === 0 ? clock.now() : judged.now()),
    /**
     * Takes the `now` of a message into the estimate.
     *
     * @param now `undefined`: the service does not send it
     * @param epoch of the list of ended sessions; with another one the time may have been set back
     */
    sample(now: number | undefined, epoch: string) {
      if (now === undefined) return reportOlder();
      const isOther = enter(epoch);
      const at = clock.monotonic();
      keep({ at, offset: now - at });
      compareClocks();
      if (!isOther || judged.behindMs() <= maxSetBackMs) return;
      isSetBack = true;
      listeners.emit();
    },
    /** Calls `listener` when the time was set back, which is followed once the signing keys were read again. */
    onSetBack: listeners.add,
    /** The signing keys are those that the service publishes now. */
    markKeysRefreshed() {
      if (isSetBack) judged.reset();
      isSetBack = false;
    },
  });
}
