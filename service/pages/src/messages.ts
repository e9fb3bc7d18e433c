import { errors, Failure, isErrorCode } from '@latchkey/contract';
import type { SessionReason, SessionState } from '@latchkey/sdk-browser';

const endMessages: Partial<Record<SessionReason, string>> = {
  logout: 'You signed out in another tab.',
  ended_by_user: 'Your session was ended from another device.',
  ended_by_operator: 'Your session was ended by an operator.',
  idle_timeout: 'You were away for a while, so your session was ended.',
  expired: 'Your session reached its time limit. Sign in again.',
  session_limit: 'You signed in on many devices, so this session, the oldest, was ended.',
  password_changed: 'Your password was changed on another device. Sign in with the new one.',
  password_reset: 'Your password was set anew by a mail. Sign in with the new one.',
  email_changed: 'The address of your account was changed. Sign in again.',
  user_deleted: 'This account was deleted.',
  token_reused: 'An old copy of your session was used somewhere, so it was ended to be safe. Sign in again.',
  code_used: 'This sign-in was used twice, so it was ended to be safe. Sign in again.',
  generation_unknown: 'The service does not know this session any more. Sign in again.',
  token_invalid: 'The service does not know this session any more. Sign in again.',
  session_revoked: 'Your session was ended.',
  session_expired: 'Your session has expired. Sign in again.',
  key_lost: 'The key of your session is not in this browser any more, so it cannot be used here. Sign in again.',
};

/** What makes a good new password, shown beside its field. */
export function newPasswordHint(minLength: number | undefined): string {
  return minLength === undefined
    ? 'Use a long password, such as a few unrelated words.'
    : `Use at least ${minLength} characters, such as a few unrelated words.`;
}

/** Reason of the sign-out, for the sign-in page. */
export function endMessage(reason: SessionReason): string {
  return endMessages[reason] ?? (isErrorCode(reason) ? errors[reason].message : 'Your session has ended.');
}

/** Warning about the address before a password is typed. Nothing over https or on this machine. */
export function insecureContextWarning({ isSecureContext }: Pick<Window, 'isSecureContext'>): string | undefined {
  if (isSecureContext) return undefined;
  return 'This page uses plain http: your password can be read on the network. Use https.';
}

/** An error in words; the service's sentence or the contract's, and how long to wait when the service says so. */
export function errorMessage(error: unknown): string {
  if (!(error instanceof Failure)) return 'Something went wrong on this page. Load it again.';
  const { code, message, retryAfterMs } = error;
  // The SDK's own refusals say no more than their code.
  const sentence = message === code && isErrorCode(code) ? errors[code].message : message;
  if (code !== 'rate_limited' || retryAfterMs === undefined) return sentence;
  return `${sentence} Try again in ${formatDuration(retryAfterMs)}.`;
}

/** The state of the connection: one word, and what it means. */
interface ConnectionLabel {
  readonly label: string;
  readonly description: string;
}

const live: ConnectionLabel = { label: 'Live', description: 'A socket is open, and this session is on it.' };

const connections: Record<Exclude<SessionState['status'], 'error'>, ConnectionLabel> = {
  active: live,
  refreshing: live,
  connecting: { label: 'Connecting', description: 'Showing the stored token to the service.' },
  offline: { label: 'Offline', description: 'You are still signed in. The page reconnects automatically.' },
  signed_out: { label: 'Signed out', description: 'You are not signed in.' },
};

const httpOnly: ConnectionLabel = {
  label: 'Offline',
  description: 'You are signed in. This network carries no WebSocket, so changes elsewhere show after a reload.',
};

export function connectionLabel({ status, reason }: SessionState): ConnectionLabel {
  if (status === 'offline' && reason === 'no_websocket') return httpOnly;
  if (status !== 'error') return connections[status];
  const why = isErrorCode(reason) ? errors[reason].message : errors.internal_error.message;
  return { label: 'Stopped', description: `${why} Load the page again, or log out.` };
}

/** Whether the page has a connection, so that what it shows is current. */
export function isActive({ status }: SessionState): boolean {
  return status === 'active' || status === 'refreshing';
}

/** A warning that the session is about to end. */
export function expiryMessage(inSeconds: number, reason: 'idle_timeout' | 'expired'): string {
  const when = formatDuration(inSeconds * 1000);
  return reason === 'idle_timeout'
    ? `You have been inactive. Your session ends in ${when} unless you use this page.`
    : `The session reaches its time limit in ${when}. Then you sign in again.`;
}

/** How many sessions were ended, for the page that ended them. */
export function otherSessionsEndedMessage(ended: number): string {
  if (ended === 0) return 'There was no other session to end.';
  return ended === 1 ? 'One other session was ended.' : `${ended} other sessions were ended.`;
}

/** A duration in milliseconds, in whole seconds or minutes: "1 second", "3 minutes". */
export function formatDuration(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  return seconds < 120 ? plural(seconds, 'second') : plural(Math.ceil(seconds / 60), 'minute');
}

function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

const steps = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
] as const;

/** A time in the user's time zone: "Mar 1, 2026, 14:05". */
export function formatDateTime(iso: string): string {
  return formatDate(iso, 'short');
}

/** A time with seconds, in the user's time zone: "Mar 1, 2026, 14:05:09". */
export function formatTimestamp(iso: string): string {
  return formatDate(iso, 'medium');
}

function formatDate(iso: string, timeStyle: 'short' | 'medium'): string {
  return new Date(iso).toLocaleString('en', { dateStyle: 'medium', timeStyle, hourCycle: 'h23' });
}

/** How long ago `iso` was at `now` (epoch milliseconds, `NaN` when unknown); the future counts as now. */
export function formatAge(iso: string, now: number): string {
  if (Number.isNaN(now)) return formatDateTime(iso);
  const seconds = Math.floor((now - Date.parse(iso)) / 1000);
  const step = steps.find((candidate) => seconds >= candidate.seconds);
  return step === undefined ? 'just now' : `${plural(Math.floor(seconds / step.seconds), step.unit)} ago`;
}
