import { errors } from '@latchkey/contract';
import { Failure, type SessionState, type SessionStatus } from '@latchkey/sdk-browser';
import type { Booking } from '../../src/account/account.ts';
import { formatMoney } from './money.ts';

const statuses: Record<SessionStatus, string> = {
  active: 'Live',
  refreshing: 'Live',
  connecting: 'Connecting…',
  offline: 'Offline, reconnecting automatically',
  error: 'Stopped; load the page again',
  signed_out: '',
};

export function describeStatus({ status }: SessionState): string {
  return statuses[status];
}

/** Reason of the sign-out, for the sign-in form. */
export function describeEnd({ reason }: SessionState): string {
  if (reason === undefined) return '';
  return reason === 'logout' ? 'You are signed out.' : 'Your session has ended. Sign in again.';
}

/** Message of an error: the server's, or that of the contract when the SDK refused the call. */
export function describeError(error: unknown): string {
  if (!(error instanceof Failure)) return 'Something went wrong on this page. Load it again.';
  return error.message === error.code ? errors[error.code].message : error.message;
}

/** Notice of a new booking: "You sent €5.00 to Bob." */
export function describeBooking({ amount, counterpart }: Booking): string {
  if (counterpart === null) return `Welcome. Your account begins with ${formatMoney(amount)}.`;
  const { holder } = counterpart;
  return amount < 0 ? `You sent ${formatMoney(-amount)} to ${holder}.` : `${holder} sent you ${formatMoney(amount)}.`;
}

export function counterpartLabel({ counterpart }: Booking): string {
  return counterpart === null ? 'Opening deposit' : `${counterpart.holder} · ${counterpart.number}`;
}
