import type { Booking } from '../../src/account/account.ts';
import { byId, copyOf, setText } from './elements.ts';
import { counterpartLabel } from './messages.ts';
import { formatMoney } from './money.ts';

const maxRows = 20;

/** Shows the balance and the latest bookings, newest first. */
export function showStatement(bookings: readonly Booking[]): void {
  setText(byId('balance', HTMLElement), bookings[0] === undefined ? '–' : formatMoney(bookings[0].balance));
  byId('bookings', HTMLElement).replaceChildren(...bookings.slice(0, maxRows).map(rowOf));
}

function rowOf(booking: Booking): Element {
  const { node, part } = copyOf('booking');
  const isIncome = booking.amount > 0;
  setText(part('.name'), counterpartLabel(booking));
  setText(part('.amount'), `${isIncome ? '+' : ''}${formatMoney(booking.amount)}`);
  part('.amount').dataset.in = String(isIncome);
  const time = part('time') as HTMLTimeElement;
  time.dateTime = booking.booked_at;
  setText(time, new Date(booking.booked_at).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' }));
  return node;
}
