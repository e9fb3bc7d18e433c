import { type Clock, createPoller } from '@latchkey/core/internal';
import type { Component } from './lifecycle.ts';

/**
 * Work that comes back. Its first run is one period after the start, and at most half a minute after it: with nodes that restart
 * often it would not be done otherwise.
 */
export interface Job {
  readonly name: string;
  readonly everyMs: number;
  run(): Promise<unknown>;
}

/** The first runs are spread over this time, so that nodes that start at once do not meet. */
const maxFirstWaitMs = 30_000;
const minFirstWaitMs = 5_000;

/** How long a job waits: a little longer each time, and at first no longer than a spread of seconds. */
function createWait({ everyMs }: Job): () => number {
  let isFirst = true;
  return () => {
    const period = everyMs * (1 + Math.random() * 0.1);
    const first = minFirstWaitMs + Math.random() * (maxFirstWaitMs - minFirstWaitMs);
    const wait = isFirst ? Math.min(period, first) : period;
    isFirst = false;
    return wait;
  };
}

/** Runs each job by itself, never twice at once, a little later each time so that nodes do not meet. */
export function createJobRunner(deps: {
  jobs: readonly Job[];
  clock: Clock;
  onError: (job: string, error: unknown) => void;
}): Component {
  const { jobs, clock, onError } = deps;
  const pollers = jobs.map((job) =>
    createPoller({
      poll: () => job.run(),
      periodMs: createWait(job),
      clock,
      onError: (error) => onError(job.name, error),
    }),
  );

  return {
    name: 'jobs',
    start() {
      for (const poller of pollers) poller.start();
    },
    async stop() {
      await Promise.all(pollers.map((poller) => poller.stop()));
    },
  };
}
