import type { ColumnType, ControlledTransaction, GeneratedAlways, Kysely } from 'kysely';

/** What of the bank's is kept. Money is counted in cents. */
export interface BankSchema {
  accounts: AccountsTable;
  bookings: BookingsTable;
}

interface AccountsTable {
  /** What people write on a transfer. */
  number: GeneratedAlways<number>;
  tenant_id: string;
  user_id: string;
  holder: string;
  /** Never below zero. */
  balance: number;
  /** Bookings so far; orders what is told of the account. */
  version: number;
}

interface BookingsTable {
  account: number;
  /** The account's version since this booking. */
  version: number;
  /** Both sides of a transfer share it; the opening deposit has one of its own. */
  transfer_id: string;
  /** The other side; none for the opening deposit. */
  counterpart: number | null;
  /** Negative on the side that pays. */
  amount: number;
  /** After this booking. */
  balance: number;
  booked_at: ColumnType<Date, never, never>;
}

/** The database, or a transaction of it: what stores take as their first argument. */
export type BankDb = Kysely<BankSchema> | ControlledTransaction<BankSchema>;
