import type { Timers } from '../platform/timers.ts';
import { createSchedule, dueTask, nextTimerMs, type RefreshSchedule, toDueTime } from './schedule.ts';

/** Asks for new tokens when they are due, on the monotonic clock. */
export interface RefreshScheduler {
  /** `authenticated` came: both moments count from now. */
  granted(grant: { refresh_in: number; rotate_in: number }): void;
  /** A new access token came without a rotation. */
  refreshed(refreshIn: number): void;
  /** Another tab replaced the session's token. */
  rotated(): void;
  /** Looks at once; after a sleep the timer may be far behind. */
  check(): void;
  stop(): void;
}

interface RefreshSchedulerDeps {
  readonly timers: Timers;
  readonly random: () => number;
  readonly isLeader: () => boolean;
  readonly refresh: () => void;
  readonly rotate: () => void;
}

const retryDelayMs = 10_000;

export function createRefreshScheduler({
  timers,
  random,
  isLeader,
  refresh,
  rotate,
}: RefreshSchedulerDeps): RefreshScheduler {
  let schedule: RefreshSchedule | undefined;
  let rotateInSeconds = 0;
  let cancelTimer = (): void => {};

  const plan = (next: RefreshSchedule | undefined): void => {
    schedule = next;
    cancelTimer();
    if (next !== undefined) cancelTimer = timers.after(nextTimerMs(next, timers.now(), isLeader()), check);
  };
  const check = (): void => {
    if (schedule === undefined) return;
    const now = timers.now();
    const due = dueTask(schedule, now, isLeader());
    // An answer makes a new plan; without one it is due again a little later.
    const later = now + retryDelayMs * (1 + random());
    if (due === 'rotate') plan({ refreshAt: Math.max(schedule.refreshAt, later), rotateAt: later });
    else if (due === 'refresh') plan({ ...schedule, refreshAt: later });
    else plan(schedule);
    if (due === 'rotate') rotate();
    if (due === 'refresh') refresh();
  };
  return Object.freeze({
    granted(grant: { refresh_in: number; rotate_in: number }) {
      rotateInSeconds = grant.rotate_in;
      plan(createSchedule(grant, timers.now()));
    },
    refreshed(refreshIn: number) {
      if (schedule !== undefined) plan({ ...schedule, refreshAt: toDueTime(refreshIn, timers.now()) });
    },
    rotated() {
      if (schedule !== undefined) plan({ ...schedule, rotateAt: toDueTime(rotateInSeconds, timers.now()) });
    },
    check,
    stop: () => plan(undefined),
  });
}
