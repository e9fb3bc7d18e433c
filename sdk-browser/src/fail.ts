import { type ErrorCode, Failure, type FailureOptions } from '@latchkey/contract';

/**
 * Makes the error of a code. Its message is what the service said, else the code: the sentences of the whole table would
 * weigh as much as the rotation, and an app has words of its own (or those of `errors` in `@latchkey/contract`).
 */
export function fail(code: ErrorCode, options?: FailureOptions): Failure {
  return new Failure(code, options);
}

/** True for what looks like a code of the error table, also one of a newer service. */
export function looksLikeErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && /^[a-z][a-z_]{1,40}$/.test(value);
}
