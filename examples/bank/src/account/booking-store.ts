import type { BankDb } from '../database/schema.ts';
import type { Account, Booking, Owner } from './account.ts';

/** A booking to insert. `account` is the account after the booking. */
export interface NewBooking {
  readonly account: Account;
  readonly transferId: string;
  readonly counterpart: Booking['counterpart'];
  readonly amount: number;
}

export async function insertBooking(
  db: BankDb,
  { account, transferId, counterpart, amount }: NewBooking,
): Promise<Booking> {
  const { number, version, balance } = account;
  const { booked_at } = await db
    .insertInto('bookings')
    .values({
      account: number,
      version,
      transfer_id: transferId,
      counterpart: counterpart?.number ?? null,
      amount,
      balance,
    })
    .returning('booked_at')
    .executeTakeFirstOrThrow();
  const at = booked_at.toISOString();
  return { account: number, version, transfer_id: transferId, counterpart, amount, balance, booked_at: at };
}

/** The owner's latest bookings, newest first. */
export async function listBookings(db: BankDb, { tenantId, userId }: Owner, limit: number): Promise<Booking[]> {
  const rows = await db
    .selectFrom('bookings as booking')
    .innerJoin('accounts as own', 'own.number', 'booking.account')
    .leftJoin('accounts as other', 'other.number', 'booking.counterpart')
    .select(['booking.account', 'booking.version', 'booking.transfer_id', 'booking.amount'])
    .select(['booking.balance', 'booking.booked_at', 'other.number', 'other.holder'])
    .where('own.tenant_id', '=', tenantId)
    .where('own.user_id', '=', userId)
    .orderBy('booking.version', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ number, holder, booked_at, ...row }) => ({
    ...row,
    counterpart: number === null || holder === null ? null : { number, holder },
    booked_at: booked_at.toISOString(),
  }));
}
