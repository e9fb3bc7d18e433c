import { type Clock, createPoller } from '@latchkey/core/internal';
import type { Component } from './lifecycle.ts';

/** Work that comes back: its first run is one period after the start. */
export interface Job {
  readonly name: string;
  readonly everyMs: number;
  run(): Promise<unknown>;
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
      periodMs: () => job.everyMs * (1 + Math.random() * 0.1),
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
