import type { Clock } from './clock.ts';
import { createTimer } from './timer.ts';

/** Runs a function again and again, once at a time. */
export type Poller = ReturnType<typeof createPoller>;

interface PollerOptions {
  readonly poll: () => unknown;
  /** From the end of a run to the next one, in ms. A function gets how long the run took: 0 for the first wait. */
  readonly periodMs: number | ((tookMs: number) => number);
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  /** Gets what a run rejects with. */
  readonly onError?: (error: unknown) => void;
}

/**
 * The next run is set also after a run that failed.
 *
 * @example
 * const poller = createPoller({ poll: () => feed.catchUp(), periodMs: 500, clock, onError });
 * poller.start();
 */
export function createPoller({ poll, periodMs, clock, onError }: PollerOptions) {
  const timer = createTimer(clock, run);
  let isStarted = false;
  let running: Promise<void> | undefined;

  function schedule(tookMs: number): void {
    if (isStarted) timer.reset(typeof periodMs === 'number' ? periodMs : periodMs(tookMs));
  }

  function run(): void {
    // Of before it was stopped and started again; its end sets the next run.
    if (running !== undefined) return;
    const startedAt = clock.monotonic();
    const finish = () => {
      running = undefined;
      schedule(clock.monotonic() - startedAt);
    };
    let result: unknown;
    try {
      result = poll();
    } finally {
      // Without a promise the run is over: the next one is set in the same turn, so that no period is lost.
      if (!(result instanceof Promise)) finish();
    }
    if (result instanceof Promise) running = result.catch(onError).finally(finish);
  }

  return Object.freeze({
    /** The first run is one period later. */
    start() {
      if (isStarted) return;
      isStarted = true;
      schedule(0);
    },
    /** Resolves once no run is in progress. */
    async stop() {
      isStarted = false;
      timer.cancel();
      await running;
    },
  });
}
