import { Failure, fail } from '@latchkey/contract';

/** SQLSTATE classes that speak of the infrastructure and never of the request: connection, resources, operator, I/O. */
const infrastructureStates = /^(08|40|53|57|58|25006|25P03|55P03|XX)/;
const infrastructureErrno = /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_|ENETUNREACH|ENOSPC|EROFS)/;
const infrastructureText =
  /Connection terminated|Client has encountered a connection error|timeout exceeded|timeout expired|Query read timeout|not queryable|driver has already been destroyed|PGlite is clos/i;

/** SQLSTATE of a statement that ran into `statement_timeout`. */
const queryCanceled = '57014';

function errorCode(error: object): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** True for trouble with database, network or disk: the same request may succeed later. */
export function isInfrastructure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = errorCode(error);
  return infrastructureStates.test(code) || infrastructureErrno.test(code) || infrastructureText.test(error.message);
}

/** True when the patience for the database is used up already: trying again at once would double the wait. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && (errorCode(error) === queryCanceled || /timeout/i.test(error.message));
}

/** What a door sends for a caught value: itself, `unavailable` for infrastructure, else `internal_error`. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (isInfrastructure(error)) return fail('unavailable', { cause: error, retryAfterMs: 1_000 });
  return fail('internal_error', { cause: error });
}
