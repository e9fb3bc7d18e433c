import type { ChangeNotices } from '../change/changes.ts';
import type { Log } from '../socket/options.ts';
import type { EndingListener } from './endings.ts';
import type { TransactionCoreClass } from './transaction-core-class.ts';
import type { TransactionOptions } from './transaction-steps.ts';

/** A class whose transactions `defineTransaction` makes. */
export type TransactionClass<T extends TransactionCoreClass> = new (
  parent: T | undefined,
  options: TransactionOptions,
) => T;

/**
 * - `USE` (or `REUSE`): an inner transaction of the parent, which must be given
 * - `NEW`: an outermost one, with its own connection and end, whatever runs around it
 * - `REUSE_OR_NEW`: an inner one if a parent is given, else an outermost one
 */
export type TransactionRequirement = 'USE' | 'REUSE' | 'NEW' | 'REUSE_OR_NEW';

export interface TransactionListeners {
  readonly onCommit?: EndingListener | undefined;
  readonly onRollback?: EndingListener | undefined;
}

export interface Transactions<T extends TransactionCoreClass> {
  /** What is made from now on. Assign it once, at the app's start, or hand it to {@link createTransactions}. */
  TransactionImplementationClass: TransactionClass<T> | undefined;
  /** Makes a transaction; nothing happens before its `execute`. Throws `TypeError` for a wrong requirement. */
  defineTransaction(requirement: TransactionRequirement, parent?: T | null, listeners?: TransactionListeners): T;
  /** Runs the work in a new outermost transaction. Rejects with what the work threw, or the database's own error. */
  run<R>(work: (transaction: T) => R | Promise<R>): Promise<R>;
}

export interface TransactionsOptions<T extends TransactionCoreClass> {
  readonly TransactionImplementationClass?: TransactionClass<T>;
  /** Where the transactions' `notify…` go, once committed. */
  readonly changes?: ChangeNotices;
  /** Where trouble of listeners goes. Default: a process warning. */
  readonly log?: Log;
}

/**
 * The app's transactions: one class, three ways to ask for one.
 *
 * @example
 * const { defineTransaction } = createTransactions({ TransactionImplementationClass: pgTransactionClass(pool), changes });
 * await defineTransaction('NEW').execute(async (transaction) => {
 *   await transaction.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [5, 7]);
 *   transaction.notifyUpdate('acme', 'ACCOUNT', { id: 7 });
 * });
 */
export function createTransactions<T extends TransactionCoreClass>(
  options: TransactionsOptions<T> = {},
): Transactions<T> {
  const { changes, log } = options;
  let Implementation = options.TransactionImplementationClass;

  const defineTransaction: Transactions<T>['defineTransaction'] = (requirement, parent, listeners) => {
    if (Implementation === undefined) throw new TypeError('Set TransactionImplementationClass first');
    return new Implementation(parentFor(requirement, parent), { ...listeners, changes, log });
  };
  return Object.freeze({
    get TransactionImplementationClass() {
      return Implementation;
    },
    set TransactionImplementationClass(chosen: TransactionClass<T> | undefined) {
      Implementation = chosen;
    },
    defineTransaction,
    run: <R>(work: (transaction: T) => R | Promise<R>) => defineTransaction('NEW').execute(work),
  });
}

function parentFor<T>(requirement: TransactionRequirement, parent: T | null | undefined): T | undefined {
  switch (requirement) {
    case 'NEW':
      return undefined;
    case 'REUSE_OR_NEW':
      return parent ?? undefined;
    case 'USE':
    case 'REUSE':
      if (parent) return parent;
      throw new TypeError(`'${requirement}' needs the transaction around it; 'REUSE_OR_NEW' does without`);
    default:
      throw new TypeError(
        `A transaction is 'USE', 'NEW' or 'REUSE_OR_NEW', not '${String(requirement satisfies never)}'`,
      );
  }
}
