import { toFailure } from '@latchkey/contract';

/** Marks every failure of `work` as one that met a credential with a good signature: its owner deserves patience. */
export async function markFailuresVerified<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toFailure(error).with({ verified: true });
  }
}
