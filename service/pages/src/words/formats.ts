import { locale, words } from './words.ts';

const units = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
] as const;

/** A duration in milliseconds, in whole seconds or minutes: "1 second", "3 minutes". */
export function formatDuration(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  return seconds < 120 ? formatUnit(seconds, 'second') : formatUnit(Math.ceil(seconds / 60), 'minute');
}

/** A number of minutes, in days or hours where these are whole: "30 days", "90 minutes". */
export function formatMinutes(minutes: number): string {
  const whole = units.find(({ seconds }) => minutes > 0 && (minutes * 60) % seconds === 0);
  return whole === undefined
    ? formatDuration(minutes * 60_000)
    : formatUnit((minutes * 60) / whole.seconds, whole.unit);
}

function formatUnit(count: number, unit: string): string {
  return count.toLocaleString(locale(), { style: 'unit', unit, unitDisplay: 'long' });
}

export function formatCount(count: number): string {
  return count.toLocaleString(locale());
}

/** A time in the user's time zone: "Mar 1, 2026, 14:05". */
export function formatDateTime(iso: string): string {
  return formatDate(iso, 'short');
}

/** A time with seconds, in the user's time zone: "Mar 1, 2026, 14:05:09". */
export function formatTimestamp(iso: string): string {
  return formatDate(iso, 'medium');
}

function formatDate(iso: string, timeStyle: 'short' | 'medium'): string {
  return new Date(iso).toLocaleString(locale(), { dateStyle: 'medium', timeStyle, hourCycle: 'h23' });
}

/** Hour and minute of a time, in the user's time zone: "14:05". */
export function formatClockTime(iso: string): string {
  return new Date(iso).toLocaleTimeString(locale(), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

/** How long ago `iso` was at `now` (epoch milliseconds, `NaN` when unknown); the future counts as now. */
export function formatAge(iso: string, now: number): string {
  if (Number.isNaN(now)) return formatDateTime(iso);
  const seconds = Math.floor((now - Date.parse(iso)) / 1000);
  const step = units.find((candidate) => seconds >= candidate.seconds);
  if (step === undefined) return words().justNow;
  return new Intl.RelativeTimeFormat(locale()).format(-Math.floor(seconds / step.seconds), step.unit);
}
