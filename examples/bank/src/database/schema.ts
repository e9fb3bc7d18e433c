import type { ColumnType, ControlledTransaction, GeneratedAlways, Kysely } from 'kysely';

/** Tables of the bank. Money is counted in cents. */
export interface BankSchema {
  accounts: AccountsTable;
  bookings: BookingsTable;
}

interface AccountsTable {
  /** The account number that users enter. */
  number: GeneratedAlways<number>;
  tenant_id: string;
  user_id: string;
  holder: string;
  /** Never below zero. */
  balance: number;
  /** Number of bookings. Orders the change events of the account. */
  version: number;
}

interface BookingsTable {
  account: number;
  /** The account's version since this booking. */
  version: number;
  /** Both bookings of a transfer have the same id. The opening deposit has its own. */
  transfer_id: string;
  /** The other side; none for the opening deposit. */
  counterpart: number | null;
  /** Negative on the side that pays. */
  amount: number;
  /** After this booking. */
  balance: number;
  booked_at: ColumnType<Date, never, never>;
}

/** The database or a transaction: the first argument of stores. */
export type BankDb = Kysely<BankSchema> | ControlledTransaction<BankSchema>;
