import { errors } from '@latchkey/contract';
import { Failure, type SessionState, type SessionStatus } from '@latchkey/sdk-browser';
import type { Booking } from '../../src/account/account.ts';
import { moneyOf } from './money.ts';

const statuses: Record<SessionStatus, string> = {
  active: 'Live',
  refreshing: 'Live',
  connecting: 'Connecting…',
  offline: 'Offline, coming back by itself',
  error: 'Stopped; load the page again',
  signed_out: '',
};

export function wordsOfStatus({ status }: SessionState): string {
  return statuses[status];
}

/** Why somebody who was signed in is not any more. */
export function wordsOfEnd({ reason }: SessionState): string {
  if (reason === undefined) return '';
  return reason === 'logout' ? 'You are signed out.' : 'Your session has ended. Sign in again.';
}

/** The server's sentence; what the SDK refused by itself has the contract's. */
export function wordsOfError(error: unknown): string {
  if (!(error instanceof Failure)) return 'Something went wrong on this page. Load it again.';
  return error.message === error.code ? errors[error.code].sentence : error.message;
}

/** A booking as it comes in: "You sent €5.00 to Bob." */
export function newsOf({ amount, counterpart }: Booking): string {
  if (counterpart === null) return `Welcome. Your account begins with ${moneyOf(amount)}.`;
  const { holder } = counterpart;
  return amount < 0 ? `You sent ${moneyOf(-amount)} to ${holder}.` : `${holder} sent you ${moneyOf(amount)}.`;
}

export function sideOf({ counterpart }: Booking): string {
  return counterpart === null ? 'Opening deposit' : `${counterpart.holder} · ${counterpart.number}`;
}
