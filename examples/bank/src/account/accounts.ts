import { randomUUID } from 'node:crypto';
import { type Failure, fail } from '@latchkey/contract';
import type { KyselyTransaction, Transactions } from '@latchkey/sdk-server/transaction';
import type { ControlledTransaction } from 'kysely';
import type { BankSchema } from '../database/schema.ts';
import { type Account, type Booking, type Owner, openingBalance } from './account.ts';
import { addToBalance, findAccount, insertAccount, lockAccounts, type OwnedAccount } from './account-store.ts';
import { insertBooking, type NewBooking } from './booking-store.ts';

export type BankTransaction = KyselyTransaction<ControlledTransaction<BankSchema>>;

/** Change event of a booking, with the user who may see it. */
export interface BookingChange {
  readonly userId: string;
  readonly booking: Booking;
}

/** Name of the change events of bookings, the same as in zerv-core. */
export const bookingChange = 'BANK_TRANS';

export interface TransferOrder extends Owner {
  /** Number of the account that gets the money. */
  readonly to: number;
  /** In cents, more than zero. */
  readonly amount: number;
}

/** Operations on accounts. */
export interface Accounts {
  /** Returns the owner's account. The first call opens it with {@link openingBalance}. */
  openAccount(transaction: BankTransaction, owner: Owner, holder: string): Promise<Account>;
  /**
   * Debits the payer and credits the payee, each in an inner transaction, and both or none. Resolves to the payer's
   * booking. Change events of both bookings are sent after the commit.
   *
   * @throws not_found (no such account), invalid_request (balance too low, or a transfer to the own account); `details`
   * names the field
   */
  accountTransfer(transaction: BankTransaction, order: TransferOrder): Promise<Booking>;
}

/**
 * Creates the operations on accounts, which run in the app's transactions.
 *
 * @example
 * const transactions = latchkey.transactions(kyselyTransactionClass(db));
 * const accounts = createAccounts(transactions);
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

  /** Books one side of a transfer in an inner transaction. */
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
      // A concurrent call has opened the account and committed: the insert waits for that commit.
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
