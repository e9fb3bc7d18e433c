import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * The transaction whose work runs the current code. One for the process, because Node never releases such a storage. It
 * holds only the transactions of running calls.
 */
export const transactionContext = new AsyncLocalStorage<object>();
