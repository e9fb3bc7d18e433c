import { type Failure, fail } from '@latchkey/contract';
import { asFailure } from '../base/error.ts';

/** Marks every failure of `work` as one that met a credential with a good signature: its owner deserves patience. */
export async function verified<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw marked(asFailure(error));
  }
}

function marked(failure: Failure): Failure {
  const { code, message, detail, retryAfterMs, details, cause } = failure;
  return fail(code, { message, detail, retryAfterMs, details, cause, verified: true });
}
