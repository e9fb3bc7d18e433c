import { Failure, fail } from '@latchkey/contract';
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import type { HookName, MaybeAsync } from './hook.ts';

export interface Guard {
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/**
 * Runs a hook under its time-out. A `Failure` that it throws passes as it is; anything else is `internal_error` with
 * its cause.
 *
 * @throws unavailable when the hook takes too long; what it does later is ignored
 */
export async function guarded<T>(name: HookName, run: () => MaybeAsync<T>, { clock, timeoutMs }: Guard): Promise<T> {
  let cancel = () => {};
  const tooLate = new Promise<never>((_, reject) => {
    cancel = clock.after(timeoutMs, () => reject(late(name, timeoutMs)));
  });
  try {
    return await Promise.race([(async () => run())(), tooLate]);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw fail('internal_error', { cause: error, detail: `hook ${name} failed` });
  } finally {
    cancel();
  }
}

/** The result as its schema wants it. @throws internal_error that names hook and fault, not the value */
export function checked<T>(name: HookName, schema: z.ZodType<T>, value: unknown): T {
  try {
    return schema.parse(value);
  } catch (cause) {
    // Not always a ZodError: a result may go in circles or have getters that throw.
    const fault = cause instanceof z.ZodError ? z.prettifyError(cause) : 'something that is no plain JSON';
    throw fail('internal_error', { cause, detail: `hook ${name} returned: ${fault}` });
  }
}

function late(name: HookName, timeoutMs: number): Failure {
  return fail('unavailable', { detail: `hook ${name} took longer than ${timeoutMs} ms`, retryAfterMs: 1_000 });
}
