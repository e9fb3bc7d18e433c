import { randomUUID } from 'node:crypto';
import { type Failure, fail } from '@latchkey/contract';
import type { KyselyTransaction, Transactions } from '@latchkey/sdk-server';
import type { ControlledTransaction } from 'kysely';
import type { BankSchema } from '../database/schema.ts';
import { type Account, type Booking, type Owner, openingBalance } from './account.ts';
import { addToBalance, findAccount, insertAccount, lockAccounts, type OwnedAccount } from './account-store.ts';
import { insertBooking, type NewBooking } from './booking-store.ts';

export type BankTransaction = KyselyTransaction<ControlledTransaction<BankSchema>>;

/** What is told of a booking: its owner, who alone may see it. */
export interface BookingChange {
  readonly userId: string;
  readonly booking: Booking;
}

/** The name under which bookings are told, as in the original. */
export const bookingChange = 'BANK_TRANS';

export interface TransferOrder extends Owner {
  /** Number of the account that gets the money. */
  readonly to: number;
  /** In cents, more than nothing. */
  readonly amount: number;
}

/** What the bank does with money. */
export interface Accounts {
  /** The owner's account; at the first time it is opened with {@link openingBalance}. */
  openAccount(transaction: BankTransaction, owner: Owner, holder: string): Promise<Account>;
  /**
   * Debits the payer and credits the other side, each in an inner transaction; both stand or none. Resolves to the
   * payer's booking. Both bookings are told after the commit.
   *
   * @throws not_found (no such account), invalid_request (not enough money, or to oneself), each with the field
   */
  accountTransfer(transaction: BankTransaction, order: TransferOrder): Promise<Booking>;
}

/**
 * The verbs of the bank, over the app's transactions.
 *
 * @example
 * const accounts = createAccounts(latchkey.transactions(kyselyTransactionClass(db)));
 * await transactions.run((transaction) => accounts.accountTransfer(transaction, { tenantId, userId, to: 1002, amount: 500 }));
 */
export function createAccounts({
  defineTransaction,
}: Pick<Transactions<BankTransaction>, 'defineTransaction'>): Accounts {
  async function book(transaction: BankTransaction, owner: Owner, entry: NewBooking): Promise<Booking> {
    const booking = await insertBooking(transaction.db, entry);
    transaction.notifyCreation(owner.tenantId, bookingChange, {
      userId: owner.userId,
      booking,
    } satisfies BookingChange);
    return booking;
  }

  /** One side of a transfer, undone alone when it fails. */
  function move(transaction: BankTransaction, owner: Owner, side: Side): Promise<Booking> {
    const { number, amount, transferId, counterpart } = side;
    return defineTransaction('USE', transaction).execute(async (inner) => {
      const account = await addToBalance(inner.db, number, amount);
      if (account === undefined) throw refusalOf('amount', notEnough);
      return book(inner, owner, { account, transferId, counterpart, amount });
    });
  }

  return Object.freeze<Accounts>({
    async openAccount(transaction, owner, holder) {
      const found = await findAccount(transaction.db, owner);
      if (found !== undefined) return accountOf(found);
      const made = await insertAccount(transaction.db, owner, holder);
      // Another call was faster, and has committed: an insert waits for that.
      if (made === undefined) return accountOf((await findAccount(transaction.db, owner))!);
      const side = { number: made.number, amount: openingBalance, transferId: randomUUID(), counterpart: null };
      const { balance, version } = await move(transaction, owner, side);
      return accountOf({ ...made, balance, version });
    },
    async accountTransfer(transaction, { tenantId, userId, to, amount }) {
      const locked = await lockAccounts(transaction.db, { tenantId, userId }, to);
      const payer = locked.find((account) => account.userId === userId);
      const payee = locked.find((account) => account.number === to);
      if (payer === undefined) throw fail('not_found', { message: 'Open an account first.' });
      if (payee === undefined) throw fail('not_found', detailsOf('to', 'There is no account with this number.'));
      if (payee === payer) throw refusalOf('to', 'This is your own account.');
      const transferId = randomUUID();
      const [debit] = await Promise.all([
        move(transaction, { tenantId, userId }, { ...between(payer, payee), transferId, amount: -amount }),
        move(transaction, { tenantId, userId: payee.userId }, { ...between(payee, payer), transferId, amount }),
      ]);
      return debit;
    },
  });
}

type Side = { readonly number: number } & Omit<NewBooking, 'account'>;

const notEnough = 'There is not enough money in your account.';

function between(own: Account, other: Account): Pick<Side, 'number' | 'counterpart'> {
  return { number: own.number, counterpart: { number: other.number, holder: other.holder } };
}

function accountOf({ number, holder, balance, version }: OwnedAccount): Account {
  return { number, holder, balance, version };
}

function detailsOf(path: string, message: string) {
  return { message, details: [{ path, message }] };
}

function refusalOf(path: string, message: string): Failure {
  return fail('invalid_request', detailsOf(path, message));
}
