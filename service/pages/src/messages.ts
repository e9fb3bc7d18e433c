import { Failure, isErrorCode } from '@latchkey/contract';
import type { SessionReason, SessionState } from '@latchkey/sdk-browser';
import { formatDuration } from './words/formats.ts';
import { fill, isEnglish, plural, words } from './words/words.ts';

/** The rule for a new password, shown beside its field. */
export function newPasswordHint(minLength: number | undefined): string {
  const { newPasswordHint, newPasswordHintLength } = words().field;
  return minLength === undefined ? newPasswordHint : fill(newPasswordHintLength, { count: String(minLength) });
}

/** Reason of the sign-out, for the sign-in page. */
export function endMessage(reason: SessionReason): string {
  const { ended, errors } = words();
  const messages: Readonly<Record<string, string>> = { ...errors, ...ended };
  return messages[reason] ?? ended.unknown;
}

/** Warning about the address before a password is typed. Nothing over https or on this machine. */
export function insecureContextWarning({ isSecureContext }: Pick<Window, 'isSecureContext'>): string | undefined {
  return isSecureContext ? undefined : words().insecureContext;
}

/**
 * An error in words, and how long to wait when the service says so. Where the service says more than its code does, that is
 * shown on a page in English alone: the service has no other language.
 */
export function errorMessage(error: unknown): string {
  if (!(error instanceof Failure)) return words().unknownError;
  const { code, message, retryAfterMs } = error;
  // The SDK's own refusals say no more than their code.
  const sentence = message === code || !isEnglish() ? words().errors[code] : message;
  if (code !== 'rate_limited' || retryAfterMs === undefined) return sentence;
  return fill(words().tryAgainIn, { message: sentence, duration: formatDuration(retryAfterMs) });
}

/** The message of the service about one field, which is in English. */
export function fieldMessage(message: string): string {
  return isEnglish() ? message : words().invalidValue;
}

/** The state of the connection: one word, and what it means. */
interface ConnectionLabel {
  readonly label: string;
  readonly description: string;
}

export function connectionLabel({ status, reason }: SessionState): ConnectionLabel {
  const { connection, errors } = words();
  const live = { label: connection.live, description: connection.liveMeaning };
  const offline = reason === 'no_websocket' ? connection.httpOnlyMeaning : connection.offlineMeaning;
  const labels: Record<Exclude<SessionState['status'], 'error'>, ConnectionLabel> = {
    active: live,
    refreshing: live,
    connecting: { label: connection.connecting, description: connection.connectingMeaning },
    offline: { label: connection.offline, description: offline },
    signed_out: { label: connection.signedOut, description: connection.signedOutMeaning },
  };
  if (status !== 'error') return labels[status];
  const message = errors[isErrorCode(reason) ? reason : 'internal_error'];
  return { label: connection.stopped, description: fill(connection.stoppedMeaning, { message }) };
}

/** Whether the page has a connection, so that what it shows is current. */
export function isActive({ status }: SessionState): boolean {
  return status === 'active' || status === 'refreshing';
}

/** A warning that the session is about to end. */
export function expiryMessage(inSeconds: number, reason: 'idle_timeout' | 'expired'): string {
  const { idle, limit } = words().expiring;
  return fill(reason === 'idle_timeout' ? idle : limit, { duration: formatDuration(inSeconds * 1000) });
}

/** How many sessions were ended, for the page that ended them. */
export function otherSessionsEndedMessage(ended: number): string {
  return plural(words().otherSessionsEnded, ended);
}

/** The message of a completed change, with the number of other sessions that it ended. */
export function doneMessage(done: string, ended: number): string {
  return ended === 0 ? done : `${done} ${otherSessionsEndedMessage(ended)}`;
}
