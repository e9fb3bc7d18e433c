import { type Failure, fail } from '@latchkey/contract';

/** One call under one key. Only the same user of the same tenant can meet it again. */
export interface IdempotentCall {
  readonly tenantId: string;
  readonly userId: string;
  readonly api: string;
  readonly call: string;
  readonly key: string;
  /** Hash of the params: the same key with others is a mistake. */
  readonly fingerprint: string;
}

/**
 * Where answers of calls with an idempotency key are kept. `once` runs `work` if this call has not succeeded before,
 * and otherwise resolves to the answer it gave then; a call that is running is waited for, or refused with `busy`. What
 * `work` throws is thrown on and not kept. Another fingerprint under the same key throws `invalid_request`.
 */
export type AnyIdempotencyStore<Transaction = unknown> = ProcessStore | TransactionStore<Transaction>;

/** The answer is kept after the transaction's commit, if the call has one. */
export interface ProcessStore {
  readonly within: 'process';
  once(call: IdempotentCall, work: () => Promise<unknown>): Promise<unknown>;
}

/** `transaction` writes the answer, so it is committed together with the call's work. */
export interface TransactionStore<Transaction = unknown> {
  readonly within: 'transaction';
  once(call: IdempotentCall, work: () => Promise<unknown>, transaction: Transaction): Promise<unknown>;
}

/** The refusal of a key that was used with other params. */
export function paramsMismatch(): Failure {
  return fail('invalid_request', { message: 'This idempotency key was used with other params.' });
}
