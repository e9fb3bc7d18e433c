import { Failure } from '@latchkey/contract';

/** Returns undefined for an invalid token. Rethrows transient errors of the service. */
export async function tryRead<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Failure) || error.retryable) throw error;
    return undefined;
  }
}
