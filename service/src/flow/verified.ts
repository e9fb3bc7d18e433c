import { asFailure } from '../base/error.ts';

/** Marks every failure of `work` as one that met a credential with a good signature: its owner deserves patience. */
export async function verified<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asFailure(error).with({ verified: true });
  }
}
