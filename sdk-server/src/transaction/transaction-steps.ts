import type { Logger } from '@latchkey/core/internal';
import type { ChangeNotifier } from '../change/changes.ts';
import type { TransactionEndListener } from './transaction-listeners.ts';

type Step<T> = (this: T, transaction: T) => unknown;

/** What a database does at each step. Each gets the transaction, also as `this`, and returns a promise. */
export interface TransactionSteps<T> {
  /** Takes a connection and begins. If it fails, it has released what it took; nothing else is called. */
  processBegin: Step<T>;
  processCommit: Step<T>;
  /** Also called after a commit that failed: releases the connection in any case. */
  processRollback: Step<T>;
  /** Sets a recovery point. Without the inner steps, an inner failure rolls back the whole. */
  processInnerBegin?: Step<T>;
  processInnerCommit?: Step<T>;
  processInnerRollback?: Step<T>;
  /** True if the failed commit certainly had no effect. Default: false. */
  isRefusal?: (error: unknown) => boolean;
}

/** Options of a transaction. */
export interface TransactionOptions {
  /** After the outermost commit, once the connection is back. Awaited. */
  readonly onCommit?: TransactionEndListener | undefined;
  /** After this transaction, or one around it, was rolled back. Awaited. */
  readonly onRollback?: TransactionEndListener | undefined;
  /** Where `notify…` goes after the outermost commit. */
  readonly changes?: ChangeNotifier | undefined;
  readonly log?: Logger | undefined;
}
