import type { AdminTrafficMinute } from '@latchkey/contract';

/** Hour and minute of a time, in the user's time zone: "14:05". */
export function formatClockTime(iso: string): string {
  return new Date(iso).toLocaleTimeString('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** Live sessions of the last hour in one sentence, for screen readers. */
export function sessionsSummary(minutes: readonly AdminTrafficMinute[]): string {
  const counts = minutes.flatMap(({ sessions }) => (sessions === null ? [] : [sessions]));
  const last = counts.at(-1);
  if (last === undefined) return 'Live sessions have not been counted yet.';
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const range = least === most ? formatCount(most) : `between ${formatCount(least)} and ${formatCount(most)}`;
  return `Live sessions in the last hour: ${range}, now ${formatCount(last)}.`;
}

/** Rotations and logins of the last hour in one sentence, for screen readers. */
export function trafficSummary(minutes: readonly AdminTrafficMinute[]): string {
  const sum = (name: 'rotations' | 'logins'): string =>
    formatCount(minutes.reduce((all, minute) => all + minute[name], 0));
  return `${sum('rotations')} tokens were replaced and ${sum('logins')} sign-ins made in the last hour.`;
}
