import { Failure, fail, isTransientError } from '@latchkey/contract';
import { type Clock, withTimeout } from '@latchkey/core/internal';
import { z } from 'zod';
import type { Awaitable, HookName } from './hook.ts';

/** What went wrong in a hook. */
type HookFailure = 'hook_failed' | 'hook_timeout' | 'hook_result_invalid' | 'registration_hook_missing';

/** Called with each failure of a hook before it is thrown. `error` is what the hook threw, or a message. */
export type OnHookFailure = (failure: HookFailure, name: HookName, error: unknown) => void;

interface HookRunnerOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly onFailure: OnHookFailure;
}

/** A browser shows a code again after `unavailable`, until it has expired. A sign-in whose hook fails ends at once instead. */
const isRetried = (name: HookName): boolean => name !== 'claim';

export type HookRunner = ReturnType<typeof createHookRunner>;

/** Runs hooks, and is the only place that reports their failures. */
export function createHookRunner({ clock, timeoutMs, onFailure }: HookRunnerOptions) {
  function timeoutFailure(name: HookName): Failure {
    const detail = `hook ${name} took longer than ${timeoutMs} ms`;
    onFailure('hook_timeout', name, detail);
    return isRetried(name) ? fail('unavailable', { detail, retryAfterMs: 1_000 }) : fail('internal_error', { detail });
  }

  function thrownFailure(name: HookName, cause: unknown): Failure {
    onFailure('hook_failed', name, cause);
    const detail = `hook ${name} failed`;
    if (isRetried(name) && isTransientError(cause)) return fail('unavailable', { cause, detail, retryAfterMs: 1_000 });
    return fail('internal_error', { cause, detail });
  }

  function invalidResult(name: HookName, sentence: string, cause?: unknown): Failure {
    onFailure('hook_result_invalid', name, sentence);
    return fail('internal_error', { cause, detail: sentence });
  }

  return Object.freeze({
    /** The failure of a result that is not allowed. */
    invalidResult,
    /**
     * Runs a hook under its time limit. A `Failure` that it throws passes as it is.
     *
     * @throws unavailable it failed for its database or network, or took too long; what it does later is ignored. Of
     *   `claim` both are `internal_error`
     * @throws internal_error it threw anything else
     */
    async run<T>(name: HookName, work: () => Awaitable<T>): Promise<T> {
      const running = (async () => work())().catch((error: unknown) => {
        throw error instanceof Failure ? error : thrownFailure(name, error);
      });
      return withTimeout(clock, timeoutMs, running, () => {
        throw timeoutFailure(name);
      });
    },
    /** The result as its schema wants it. @throws internal_error that names hook and fault, not the value */
    parseResult<T>(name: HookName, schema: z.ZodType<T>, value: unknown): T {
      try {
        return schema.parse(value);
      } catch (cause) {
        // Not always a ZodError: a result may go in circles or have getters that throw.
        const fault = cause instanceof z.ZodError ? z.prettifyError(cause) : 'something that is no plain JSON';
        throw invalidResult(name, `hook ${name} returned: ${fault}`, cause);
      }
    },
  });
}
