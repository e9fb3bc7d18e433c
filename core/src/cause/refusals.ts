import type { ErrorCode, Failure } from '@latchkey/contract';
import { isDevelopment } from '../base/environment.ts';
import type { OptionAliases } from './cause-log.ts';
import { type CauseCode, type Causes, causes as table } from './causes.ts';

/** What developers learn of refusals that clients get. */
export type Refusals = ReturnType<typeof createRefusals>;

export interface RefusalsDeps {
  readonly causes: Pick<Causes, 'report' | 'explain'>;
  /** The cause of failures that have none. Default: they are not reported. */
  readonly defaultCause?: CauseCode;
  readonly names?: OptionAliases;
}

/** Of failures that name no cause themselves, because they come from the service or from several places. */
const byCode: Partial<Record<ErrorCode, CauseCode>> = {
  revocations_not_ready: 'not_ready',
  revocations_stale: 'revocations_stale',
  insufficient_scope: 'scope_missing',
  reauthentication_required: 'sign_in_too_old',
  proof_invalid: 'socket_proof_refused',
};

/**
 * @example
 * const refusals = createRefusals({ causes });
 * refusals.report(failure, { request_id });
 */
export function createRefusals({ causes, defaultCause, names }: RefusalsDeps) {
  const isExplained = isDevelopment();

  function causeOf({ code, reason = '' }: Failure): CauseCode | undefined {
    return Object.hasOwn(table, reason) ? (reason as CauseCode) : (byCode[code] ?? defaultCause);
  }

  return Object.freeze({
    /** Counts and logs the cause of a failure that has one. Returns whether it has. */
    report(failure: Failure, fields: Readonly<Record<string, unknown>>): boolean {
      const cause = causeOf(failure);
      if (cause !== undefined) causes.report(cause, { code: failure.code, ...fields, detail: failure.detail }, names);
      return cause !== undefined;
    },
    /** What to change, and what was wrong this time; `undefined` in production, and for failures without a cause. */
    explain(failure: Failure) {
      const cause = causeOf(failure);
      if (!isExplained || cause === undefined) return undefined;
      const { detail } = failure;
      return `${causes.explain(cause, names)}${detail === undefined ? '' : ` (${detail})`}`;
    },
  });
}
