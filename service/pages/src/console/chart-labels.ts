import type { AdminTrafficMinute } from '@latchkey/contract';
import { formatCount } from '../words/formats.ts';
import { fill, words } from '../words/words.ts';

/** Live sessions of the last hour in one sentence, for screen readers. */
export function sessionsSummary(minutes: readonly AdminTrafficMinute[]): string {
  const { numbers } = words();
  const counts = minutes.flatMap(({ sessions }) => (sessions === null ? [] : [sessions]));
  const last = counts.at(-1);
  if (last === undefined) return numbers.sessionsUnknown;
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const counted = { least: formatCount(least), most: formatCount(most), last: formatCount(last) };
  return least === most ? fill(numbers.sessionsSame, counted) : fill(numbers.sessionsRange, counted);
}

/** Rotations and logins of the last hour in one sentence, for screen readers. */
export function trafficSummary(minutes: readonly AdminTrafficMinute[]): string {
  const sum = (name: 'rotations' | 'logins'): string =>
    formatCount(minutes.reduce((all, minute) => all + minute[name], 0));
  return fill(words().numbers.traffic, { tokens: sum('rotations'), signIns: sum('logins') });
}
