import type { Clock } from '../base/clock.ts';
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
  const cancels = new Map<string, () => void>();
  const running = new Map<string, Promise<unknown>>();
  let stopped = false;

  function schedule(job: Job): void {
    if (stopped) return;
    const jitter = 1 + Math.random() * 0.1;
    cancels.set(
      job.name,
      clock.after(job.everyMs * jitter, () => void run(job)),
    );
  }

  async function run(job: Job): Promise<void> {
    const work = job.run().catch((error) => onError(job.name, error));
    running.set(job.name, work);
    await work;
    running.delete(job.name);
    schedule(job);
  }

  return {
    name: 'jobs',
    start: () => jobs.forEach(schedule),
    async stop() {
      stopped = true;
      for (const cancel of cancels.values()) cancel();
      await Promise.all(running.values());
    },
  };
}
