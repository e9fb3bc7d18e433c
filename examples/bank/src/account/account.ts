/** An account, as its owner sees it. Money in cents. */
export interface Account {
  readonly number: number;
  readonly holder: string;
  readonly balance: number;
  /** Number of bookings. A higher version is newer. */
  readonly version: number;
}

/** A booking of an account. Plain data, because it is sent to other nodes as JSON. */
export interface Booking {
  readonly account: number;
  /** The account's version since this booking. */
  readonly version: number;
  readonly transfer_id: string;
  /** The other side; none for the opening deposit. */
  readonly counterpart: { readonly number: number; readonly holder: string } | null;
  /** In cents; negative on the side that pays. */
  readonly amount: number;
  /** The account's balance after it, in cents. */
  readonly balance: number;
  /** ISO 8601. */
  readonly booked_at: string;
}

/** The owner of an account: a user of the service. */
export interface Owner {
  readonly tenantId: string;
  readonly userId: string;
}

/** Opening deposit of a new account, in cents. */
export const openingBalance = 100_000;

/** The largest transfer, in cents. */
export const maxAmount = 100_000_000;
