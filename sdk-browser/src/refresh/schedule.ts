/** Moments of the monotonic clock, in milliseconds. */
export interface Schedule {
  /** When this tab's access token wants replacing; each tab has its own. */
  readonly refreshAt: number;
  /** When the session's token wants replacing; one tab does it for all. */
  readonly rotateAt: number;
}

export type Due = 'refresh' | 'rotate';

const longestNapMs = 30_000;

/** The schedule that `authenticated` asks for; both in seconds from `now` (milliseconds). */
export function planAfter(grant: { refresh_in: number; rotate_in: number }, now: number): Schedule {
  return { refreshAt: now + grant.refresh_in * 1000, rotateAt: now + grant.rotate_in * 1000 };
}

/** What to do now. A rotation brings an access token, too, so it comes first. */
export function dueAt(schedule: Schedule, now: number, isLeader: boolean): Due | undefined {
  if (isLeader && now >= schedule.rotateAt) return 'rotate';
  return now >= schedule.refreshAt ? 'refresh' : undefined;
}

/** How long to sleep: to the next moment, but never long, because timers stand still while a machine sleeps. */
export function napMs(schedule: Schedule, now: number): number {
  const next = Math.min(schedule.refreshAt, schedule.rotateAt > now ? schedule.rotateAt : Number.POSITIVE_INFINITY);
  return Math.min(longestNapMs, Math.max(0, next - now));
}
