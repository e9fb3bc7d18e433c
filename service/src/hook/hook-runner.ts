import { Failure, fail, isInfrastructure } from '@latchkey/contract';
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import type { HookName, MaybeAsync } from './hook.ts';

/** What went wrong in a hook. */
type HookTrouble = 'hook_failed' | 'hook_timeout' | 'hook_result_invalid' | 'registration_hook_missing';

/** Is called with each trouble before the failure is thrown. `error` is what the hook threw, or a sentence. */
export type OnHookTrouble = (trouble: HookTrouble, name: HookName, error: unknown) => void;

interface Guard {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly onTrouble: OnHookTrouble;
}

/** Runs hooks. Every trouble of a hook is reported here, and nowhere else. */
export interface HookRunner {
  /**
   * Runs a hook under its time limit. A `Failure` that it throws passes as it is.
   *
   * @throws unavailable it failed for its database or network, or took too long; what it does later is ignored. Of
   *   `claim` both are `internal_error`
   * @throws internal_error it threw anything else
   */
  run<T>(name: HookName, work: () => MaybeAsync<T>): Promise<T>;
  /** The result as its schema wants it. @throws internal_error that names hook and fault, not the value */
  check<T>(name: HookName, schema: z.ZodType<T>, value: unknown): T;
  /** The failure of a result that is not allowed. */
  wrongResult(name: HookName, sentence: string, cause?: unknown): Failure;
}

/** A browser shows a code again after `unavailable`, until it has expired. A sign-in whose hook fails ends at once instead. */
const isRepeated = (name: HookName): boolean => name !== 'claim';

export function createHookRunner({ clock, timeoutMs, onTrouble }: Guard): HookRunner {
  function late(name: HookName): Failure {
    const detail = `hook ${name} took longer than ${timeoutMs} ms`;
    onTrouble('hook_timeout', name, detail);
    return isRepeated(name) ? fail('unavailable', { detail, retryAfterMs: 1_000 }) : fail('internal_error', { detail });
  }

  function thrown(name: HookName, cause: unknown): Failure {
    onTrouble('hook_failed', name, cause);
    const detail = `hook ${name} failed`;
    if (isRepeated(name) && isInfrastructure(cause)) return fail('unavailable', { cause, detail, retryAfterMs: 1_000 });
    return fail('internal_error', { cause, detail });
  }

  function wrongResult(name: HookName, sentence: string, cause?: unknown): Failure {
    onTrouble('hook_result_invalid', name, sentence);
    return fail('internal_error', { cause, detail: sentence });
  }

  return Object.freeze<HookRunner>({
    wrongResult,
    async run<T>(name: HookName, work: () => MaybeAsync<T>): Promise<T> {
      let cancel = () => {};
      const timeout = new Promise<never>((_, reject) => {
        cancel = clock.after(timeoutMs, () => reject(late(name)));
      });
      const running = (async () => work())().catch((error: unknown) => {
        throw error instanceof Failure ? error : thrown(name, error);
      });
      return Promise.race([running, timeout]).finally(cancel);
    },
    check<T>(name: HookName, schema: z.ZodType<T>, value: unknown): T {
      try {
        return schema.parse(value);
      } catch (cause) {
        // Not always a ZodError: a result may go in circles or have getters that throw.
        const fault = cause instanceof z.ZodError ? z.prettifyError(cause) : 'something that is no plain JSON';
        throw wrongResult(name, `hook ${name} returned: ${fault}`, cause);
      }
    },
  });
}
