/** Moments of the monotonic clock, in milliseconds. */
export interface RefreshSchedule {
  /** When this tab's access token wants replacing; each tab has its own. */
  readonly refreshAt: number;
  /** When the session's token wants replacing; one tab does it for all. */
  readonly rotateAt: number;
}

type RefreshTask = 'refresh' | 'rotate';

const maxTimerMs = 30_000;
const defaultSeconds = 60;
/** A leader that does not come to it, frozen with its lock for one, is waited for so long. */
const leaderGraceMs = 60_000;

/**
 * The moment that a server asks for, in seconds from `now` (milliseconds). One that says nothing, or no positive number,
 * is asked in a minute: without a pause a tab would ask for ever.
 */
export function toDueTime(seconds: number, now: number): number {
  return now + (seconds > 0 ? seconds : defaultSeconds) * 1000;
}

/** The schedule that `authenticated` asks for. */
export function createSchedule(grant: { refresh_in: number; rotate_in: number }, now: number): RefreshSchedule {
  return { refreshAt: toDueTime(grant.refresh_in, now), rotateAt: toDueTime(grant.rotate_in, now) };
}

/**
 * What to do now. A rotation brings an access token, too, so it comes first; it is the leader's, and whoever's when the
 * leader is late.
 */
export function dueTask(schedule: RefreshSchedule, now: number, isLeader: boolean): RefreshTask | undefined {
  if (now >= schedule.rotateAt + (isLeader ? 0 : leaderGraceMs)) return 'rotate';
  return now >= schedule.refreshAt ? 'refresh' : undefined;
}

/**
 * How long to sleep: to the next moment, but never long, because timers stand still while a machine sleeps. A rotation
 * that is due lets the leader not sleep at all, and the others sleep on until it is late.
 */
export function nextTimerMs({ refreshAt, rotateAt }: RefreshSchedule, now: number, isLeader: boolean): number {
  const mine = isLeader || rotateAt > now ? rotateAt : rotateAt + leaderGraceMs;
  return Math.min(maxTimerMs, Math.max(0, Math.min(refreshAt, mine) - now));
}
