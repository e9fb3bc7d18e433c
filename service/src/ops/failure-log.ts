import { toFailure } from '@latchkey/contract';
import { isUnavailable } from '@latchkey/core/internal';
import type { ServiceCause, ServiceCauses } from './causes.ts';
import type { ServiceLogger } from './logger.ts';

interface FailureLogDeps {
  readonly log: Pick<ServiceLogger, 'warn'>;
  readonly causes: Pick<ServiceCauses, 'report'>;
}

/** Logs an error under a cause. */
type FailureLog = (error: unknown, message: string, fields?: Readonly<Record<string, unknown>>) => void;

/**
 * Failures of the infrastructure come many at once: they are counted by the cause, which is one line a minute. Each other
 * error is a line of its own.
 *
 * @example
 * const logWorkFailure = createFailureLog({ log, causes }, 'work_unavailable');
 * logWorkFailure(error, 'background work failed');
 */
export function createFailureLog({ log, causes }: FailureLogDeps, cause: ServiceCause): FailureLog {
  return (error, message, fields = {}) => {
    if (isUnavailable(toFailure(error))) causes.report(cause, { ...fields, err: error });
    else log.warn({ ...fields, err: error }, message);
  };
}
