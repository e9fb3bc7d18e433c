import { assertOptions, type OptionNames } from '@latchkey/contract';
import type { Logger } from '@latchkey/core/internal';
import type { ChangeNotifier } from '../change/changes.ts';
import { TransactionCoreClass } from './transaction-core-class.ts';
import type { TransactionOptions } from './transaction-steps.ts';

/** A class whose transactions `defineTransaction` makes. */
export type TransactionClass<T extends TransactionCoreClass> = new (
  parent: T | undefined,
  options: TransactionOptions,
) => T;

/** A {@link TransactionClass} with any type of transaction. */
export type AnyTransactionClass = new (parent: never, options: TransactionOptions) => TransactionCoreClass;

/**
 * - `USE` (or `REUSE`): an inner transaction of the parent, which must be given
 * - `NEW`: an outermost one, with its own connection and end, also inside another one
 * - `REUSE_OR_NEW`: an inner one if a parent is given, else an outermost one
 */
export type TransactionRequirement = 'USE' | 'REUSE' | 'NEW' | 'REUSE_OR_NEW';

/** Listeners for the end of one transaction. */
export type TransactionListeners = Pick<TransactionOptions, 'onCommit' | 'onRollback'>;

/** Creates transactions. They do nothing before `execute`. */
export interface DefineTransaction<T extends TransactionCoreClass> {
  /** @throws TypeError for a wrong requirement, and while no class is set */
  (requirement: TransactionRequirement, parent?: T | null, listeners?: TransactionListeners): T;
  /** Without a parent. @throws TypeError for a wrong requirement, and while no class is set */
  (requirement: 'NEW' | 'REUSE_OR_NEW', listeners: TransactionListeners): T;
}

/** Creates and runs the transactions of an app. */
export interface Transactions<T extends TransactionCoreClass> {
  /** What is made from now on. Assign it once, at the app's start, or hand it to {@link createTransactions}. */
  TransactionImplementationClass: TransactionClass<T> | undefined;
  readonly defineTransaction: DefineTransaction<T>;
  /** Runs the work in a new outermost transaction. Rejects with what the work threw, or the database's own error. */
  run<R>(work: (transaction: T) => R | Promise<R>): Promise<R>;
  /** Where the `notify…` go, unless {@link TransactionsOptions.changes} says it. The api routers of a latchkey call this. */
  useChanges(changes: ChangeNotifier): void;
  /** @throws TypeError while no class is set */
  assertDefined(): void;
}

/** Options of {@link createTransactions}. */
export interface TransactionsOptions<T extends TransactionCoreClass> {
  readonly TransactionImplementationClass?: TransactionClass<T>;
  /** Where the transactions' `notify…` go, once committed. */
  readonly changes?: ChangeNotifier;
  /** Receives the errors of listeners. Default: a process warning. */
  readonly log?: Logger;
}

const optionNames: OptionNames<TransactionsOptions<never>> = {
  TransactionImplementationClass: 'function',
  changes: 'object',
  log: 'object',
};
const listenerNames: OptionNames<TransactionListeners> = { onCommit: 'function', onRollback: 'function' };

/**
 * Creates the transactions of an app, with one class and three requirements.
 *
 * @throws TypeError for an unknown option
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
  assertOptions('createTransactions', options, optionNames);
  const { log } = options;
  let { changes, TransactionImplementationClass: Implementation } = options;

  function definedClass(): TransactionClass<T> {
    if (Implementation === undefined) throw new TypeError('Set TransactionImplementationClass first');
    return Implementation;
  }

  const defineTransaction: DefineTransaction<T> = (
    requirement: TransactionRequirement,
    second?: T | TransactionListeners | null,
    third?: TransactionListeners,
  ) => {
    const Chosen = definedClass();
    const isParent = second instanceof TransactionCoreClass;
    const parent = parentFor(requirement, isParent ? second : undefined);
    const listeners = (isParent ? third : (third ?? second)) ?? {};
    assertOptions('defineTransaction', listeners, listenerNames);
    return new Chosen(parent, { ...listeners, changes, log });
  };
  return Object.freeze({
    get TransactionImplementationClass() {
      return Implementation;
    },
    set TransactionImplementationClass(chosen: TransactionClass<T> | undefined) {
      Implementation = chosen;
    },
    defineTransaction,
    assertDefined: () => void definedClass(),
    useChanges(given: ChangeNotifier) {
      changes ??= given;
    },
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
