import { type ErrorCode, type Failure, type FailureOptions, fail } from '@latchkey/contract';
import { type CauseLog, type CauseTable, type Clock, createCauseLog } from '@latchkey/sdk-server';
import type { Log } from './log.ts';

/** Every kind of refusal and failure that only a change of the service's configuration ends. docs/troubleshooting.md has a row for each. */
export const serviceCauses = {
  hook_failed: {
    setting: 'LATCHKEY_HOOKS',
    message: 'a hook threw an error; correct the hook',
    level: 'error',
  },
  hook_timeout: {
    setting: 'LATCHKEY_HOOK_TIMEOUT_IN_SECS',
    message: 'a hook did not answer in time; make it faster, or set LATCHKEY_HOOK_TIMEOUT_IN_SECS',
    level: 'error',
  },
  hook_result_invalid: {
    setting: 'LATCHKEY_HOOKS',
    message: 'a hook returned a value that is not allowed; correct the hook (docs/hooks.md)',
    level: 'error',
  },
} as const satisfies CauseTable<string>;

/** A code of {@link serviceCauses}. */
export type ServiceCause = keyof typeof serviceCauses;

/** The causes of one node. */
export interface ServiceCauses extends CauseLog<ServiceCause> {
  /**
   * Reports a cause, and returns the failure to throw. Its `detail` says what to change, which answers carry in development only.
   *
   * @param fields of the log line: ids, codes and host names, never a credential
   * @example
   * throw causes.failure('hook_timeout', 'unavailable', { retryAfterMs: 1_000 }, { hook: 'claim' });
   */
  failure(
    cause: ServiceCause,
    code: ErrorCode,
    options?: Omit<FailureOptions, 'detail'>,
    fields?: Readonly<Record<string, unknown>>,
  ): Failure;
}

/**
 * @example
 * const causes = createServiceCauses({ log, clock });
 * causes.report('hook_failed', { hook: 'claim' });
 */
export function createServiceCauses(deps: { readonly log: Log; readonly clock: Clock }): ServiceCauses {
  const causes = createCauseLog<ServiceCause>({ ...deps, table: serviceCauses });
  return Object.freeze<ServiceCauses>({
    ...causes,
    failure(cause, code, options = {}, fields = {}) {
      causes.report(cause, fields);
      return fail(code, { ...options, detail: causes.explain(cause) });
    },
  });
}
