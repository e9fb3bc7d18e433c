import type { Timers } from '../platform/timers.ts';
import { createSchedule, dueTask, nextTimerMs, type RefreshSchedule, toDueTime } from './schedule.ts';

interface RefreshSchedulerDeps {
  readonly timers: Timers;
  readonly random: () => number;
  readonly isLeader: () => boolean;
  readonly refresh: () => void;
  readonly rotate: () => void;
}

const retryDelayMs = 10_000;

/** Creates a scheduler without a schedule. */
export function createRefreshScheduler({ timers, random, isLeader, refresh, rotate }: RefreshSchedulerDeps) {
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
    // An answer sets a new schedule. Without one the task is due again later.
    const later = now + retryDelayMs * (1 + random());
    if (due === 'rotate') plan({ refreshAt: Math.max(schedule.refreshAt, later), rotateAt: later });
    else if (due === 'refresh') plan({ ...schedule, refreshAt: later });
    else plan(schedule);
    if (due === 'rotate') rotate();
    if (due === 'refresh') refresh();
  };
  return Object.freeze({
    /** Schedules both tasks from now, after `authenticated`. Seconds. */
    granted(grant: { refresh_in: number; rotate_in: number }) {
      rotateInSeconds = grant.rotate_in;
      plan(createSchedule(grant, timers.now()));
    },
    /** Schedules the next refresh after a new access token without a rotation. Seconds. */
    refreshed(refreshIn: number) {
      if (schedule !== undefined) plan({ ...schedule, refreshAt: toDueTime(refreshIn, timers.now()) });
    },
    /** Schedules the next rotation after another tab has replaced the token. */
    rotated() {
      if (schedule !== undefined) plan({ ...schedule, rotateAt: toDueTime(rotateInSeconds, timers.now()) });
    },
    /** Runs a due task now. Call it after a sleep, because the timer may be late. */
    check,
    /** Cancels the schedule. */
    stop: () => plan(undefined),
  });
}

/** Requests new tokens when they are due, by the monotonic clock. */
export type RefreshScheduler = ReturnType<typeof createRefreshScheduler>;
