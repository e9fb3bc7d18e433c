import { isErrorCode } from '@latchkey/contract';
import type { SessionState } from '@latchkey/sdk-browser';
import { formatDuration } from '../words/formats.ts';
import { fill, plural, words } from '../words/words.ts';

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
