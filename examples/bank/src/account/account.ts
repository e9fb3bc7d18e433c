/** Somebody's account, as its owner sees it. Money in cents. */
export interface Account {
  readonly number: number;
  readonly holder: string;
  readonly balance: number;
  /** Bookings so far: what has the higher version is the newer. */
  readonly version: number;
}

/** One line of an account; the original calls it BANK_TRANS. Plain data, so that it reaches other nodes. */
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

/** Who owns an account: one user of one tenant, as the service knows them. */
export interface Owner {
  readonly tenantId: string;
  readonly userId: string;
}

/** What a new account begins with, in cents. */
export const openingBalance = 100_000;

/** The largest transfer, in cents. */
export const maxAmount = 100_000_000;
