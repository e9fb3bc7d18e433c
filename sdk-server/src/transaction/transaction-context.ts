import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Which transaction's work the current code stands in. One for the process, because Node keeps each such storage for
 * ever; it holds nothing but the running calls' own transactions.
 */
export const transactionContext = new AsyncLocalStorage<object>();
