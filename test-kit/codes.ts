import { Failure, type WireError } from '@latchkey/contract';

/**
 * The code of the `Failure` with which `work` rejects; `done` when it resolves.
 *
 * @throws what `work` rejects with, if that is no `Failure`.
 *
 * @example
 * expect(await codeOf(latchkey.verify(token))).to.equal('unauthenticated');
 */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (error instanceof Failure) return error.code;
    throw error;
  }
}

/** The code of the error in an acknowledgement; `done` when it has none. */
export const codeOfAck = (ack: unknown): string => (ack as { error?: WireError }).error?.code ?? 'done';
