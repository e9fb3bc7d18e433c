import type { Booking } from '../../src/account/account.ts';

/** Merges received bookings into the known ones: newest first, without duplicates. */
export function mergeBookings(known: readonly Booking[], received: readonly Booking[]): readonly Booking[] {
  const byVersion = new Map([...known, ...received].map((booking) => [booking.version, booking]));
  return [...byVersion.values()].sort((a, b) => b.version - a.version);
}

/** The newest bookings, down to the first gap in their versions. */
export function withoutGaps(bookings: readonly Booking[]): readonly Booking[] {
  const gap = bookings.findIndex(({ version }, index) => version !== bookings[0]!.version - index);
  return gap < 0 ? bookings : bookings.slice(0, gap);
}
