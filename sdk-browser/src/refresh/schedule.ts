/** Due times in milliseconds of the monotonic clock. */
export interface RefreshSchedule {
  /** When the access token of this tab is due. Each tab has its own. */
  readonly refreshAt: number;
  /** When the token of the session is due. The leader replaces it for all tabs. */
  readonly rotateAt: number;
}

type RefreshTask = 'refresh' | 'rotate';

const maxTimerMs = 30_000;
const defaultSeconds = 60;
/** How long other tabs wait for a leader that does not rotate, for example because it is frozen. */
const leaderGraceMs = 60_000;

/**
 * Returns the due time `seconds` after `now` (milliseconds). Without a positive number it is a minute, so that a tab does not send
 * requests without a pause.
 */
export function toDueTime(seconds: number, now: number): number {
  return now + (seconds > 0 ? seconds : defaultSeconds) * 1000;
}

/** Returns the schedule of an `authenticated`, whose times are in seconds from `now`. */
export function createSchedule(grant: { refresh_in: number; rotate_in: number }, now: number): RefreshSchedule {
  return { refreshAt: toDueTime(grant.refresh_in, now), rotateAt: toDueTime(grant.rotate_in, now) };
}

/**
 * Returns the task that is due. A rotation comes first, because it returns an access token, too. The leader rotates. Another tab
 * rotates only when the leader is a minute late.
 */
export function dueTask(schedule: RefreshSchedule, now: number, isLeader: boolean): RefreshTask | undefined {
  if (now >= schedule.rotateAt + (isLeader ? 0 : leaderGraceMs)) return 'rotate';
  return now >= schedule.refreshAt ? 'refresh' : undefined;
}

/**
 * Returns the delay of the next timer in milliseconds: until the next due time, at most 30 s, because timers stop while a machine
 * sleeps. For a due rotation it is 0 for the leader. Other tabs wait until the rotation is late.
 */
export function nextTimerMs({ refreshAt, rotateAt }: RefreshSchedule, now: number, isLeader: boolean): number {
  const mine = isLeader || rotateAt > now ? rotateAt : rotateAt + leaderGraceMs;
  return Math.min(maxTimerMs, Math.max(0, Math.min(refreshAt, mine) - now));
}
