import { expect } from 'chai';
import { mergeBookings, withoutGaps } from '../../page/src/ledger.ts';
import type { Booking } from '../../src/account/account.ts';

const booking = (version: number): Booking => ({
  account: 1_001,
  version,
  transfer_id: `transfer ${version}`,
  counterpart: null,
  amount: 1,
  balance: version,
  booked_at: '2026-01-01T00:00:00.000Z',
});
const versions = (bookings: readonly Booking[]) => bookings.map(({ version }) => version);

describe('mergeBookings', () => {
  it('sorts bookings by version, newest first, without duplicates', () => {
    const known = mergeBookings([], [booking(2), booking(1)]);
    expect(versions(mergeBookings(known, [booking(4), booking(2), booking(3)]))).to.deep.equal([4, 3, 2, 1]);
  });
});

describe('withoutGaps', () => {
  it('ends before the first missing booking', () => {
    const told = mergeBookings([], [1, 2, 5, 6].map(booking));
    expect(versions(withoutGaps(told))).to.deep.equal([6, 5]);
    expect(versions(withoutGaps(told.slice(2)))).to.deep.equal([2, 1]);
    expect(withoutGaps([])).to.deep.equal([]);
  });
});
