import type { Logger } from '@latchkey/core/internal';

/** Called at the end of a transaction. A returned promise is awaited. */
export type TransactionEndListener = () => unknown;

/** What is to be called at a transaction's end, in the order in which it was asked for. */
interface TransactionEndListeners {
  onCommit(listener: TransactionEndListener): void;
  onRollback(listener: TransactionEndListener): void;
  /** Moves the listeners of a completed inner transaction to the outer one, whose end calls them. */
  moveTo(outer: TransactionEndListeners): void;
  /**
   * Calls and awaits each listener. The error of a listener is logged and does not change the result of the
   * transaction.
   */
  notifyAll(end: 'commit' | 'rollback', log: Logger | undefined): Promise<void>;
}

export function createTransactionEndListeners(): TransactionEndListeners {
  const listeners = { commit: [] as TransactionEndListener[], rollback: [] as TransactionEndListener[] };
  return Object.freeze({
    onCommit: (listener: TransactionEndListener) => void listeners.commit.push(listener),
    onRollback: (listener: TransactionEndListener) => void listeners.rollback.push(listener),
    moveTo(outer: TransactionEndListeners) {
      for (const listener of listeners.commit.splice(0)) outer.onCommit(listener);
      for (const listener of listeners.rollback.splice(0)) outer.onRollback(listener);
    },
    async notifyAll(end: 'commit' | 'rollback', log: Logger | undefined) {
      for (const listener of listeners[end].splice(0)) {
        try {
          await listener();
        } catch (error) {
          logFailure(log, error, `a listener of a transaction's ${end} failed`);
        }
      }
    },
  });
}

/** Logs a failure that no longer changes the result. Without a log it is a process warning. */
export function logFailure(log: Logger | undefined, error: unknown, message: string): void {
  if (log) log.error({ err: error }, message);
  else process.emitWarning(error instanceof Error ? error : message);
}
