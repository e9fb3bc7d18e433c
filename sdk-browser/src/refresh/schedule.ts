/** Moments of the monotonic clock, in milliseconds. */
export interface Schedule {
  /** When this tab's access token wants replacing; each tab has its own. */
  readonly refreshAt: number;
  /** When the session's token wants replacing; one tab does it for all. */
  readonly rotateAt: number;
}

type Due = 'refresh' | 'rotate';

const longestNapMs = 30_000;
const unsaidSeconds = 60;
/** A leader that does not come to it, frozen with its lock for one, is waited for so long. */
const leaderLateMs = 60_000;

/**
 * The moment that a server asks for, in seconds from `now` (milliseconds). One that says nothing, or no positive number,
 * is asked in a minute: without a pause a tab would ask for ever.
 */
export function momentIn(seconds: number, now: number): number {
  return now + (seconds > 0 ? seconds : unsaidSeconds) * 1000;
}

/** The schedule that `authenticated` asks for. */
export function planAfter(grant: { refresh_in: number; rotate_in: number }, now: number): Schedule {
  return { refreshAt: momentIn(grant.refresh_in, now), rotateAt: momentIn(grant.rotate_in, now) };
}

/**
 * What to do now. A rotation brings an access token, too, so it comes first; it is the leader's, and whoever's when the
 * leader is late.
 */
export function dueAt(schedule: Schedule, now: number, isLeader: boolean): Due | undefined {
  if (now >= schedule.rotateAt + (isLeader ? 0 : leaderLateMs)) return 'rotate';
  return now >= schedule.refreshAt ? 'refresh' : undefined;
}

/**
 * How long to sleep: to the next moment, but never long, because timers stand still while a machine sleeps. A rotation
 * that is due lets the leader not sleep at all, and the others sleep on until it is late.
 */
export function napMs({ refreshAt, rotateAt }: Schedule, now: number, isLeader: boolean): number {
  const mine = isLeader || rotateAt > now ? rotateAt : rotateAt + leaderLateMs;
  return Math.min(longestNapMs, Math.max(0, Math.min(refreshAt, mine) - now));
}
