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
 * and otherwise resolves to the answer it gave then; a call that is running is waited for. What `work` throws is thrown
 * on and not kept. Another fingerprint under the same key throws `invalid_request`.
 *
 * - `within: 'transaction'` — the answer is written by `transaction`, and so stands exactly when the call's work does
 * - `within: 'process'` — the answer is kept after the transaction's commit
 */
export interface Store<Transaction = unknown> {
  readonly within: 'transaction' | 'process';
  once(call: IdempotentCall, work: () => Promise<unknown>, transaction: Transaction | undefined): Promise<unknown>;
}
