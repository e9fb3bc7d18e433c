import type { Booking } from '../../src/account/account.ts';

/** Bookings as they are known here, newest first; each of them once, however often it was told. */
export function mergeBookings(known: readonly Booking[], received: readonly Booking[]): readonly Booking[] {
  const byVersion = new Map([...known, ...received].map((booking) => [booking.version, booking]));
  return [...byVersion.values()].sort((a, b) => b.version - a.version);
}

/** The newest ones, down to the first that is missing. */
export function withoutGaps(bookings: readonly Booking[]): readonly Booking[] {
  const gap = bookings.findIndex(({ version }, index) => version !== bookings[0]!.version - index);
  return gap < 0 ? bookings : bookings.slice(0, gap);
}
