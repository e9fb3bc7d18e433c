import { Failure, fail } from './failure.ts';

/** SQLSTATE classes and codes of transient errors: connection, resources, operator intervention, I/O. */
const sqlStates = /^(08|40|53|57|58|25P03|55P03|XX)/;
const errnos = /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_|ENETUNREACH|ENOSPC|EROFS)/;
/** Messages of transient errors of pg, its pool, Kysely and PGlite that have no code. */
const messagePattern =
  /Connection terminated|Client has encountered a connection error|timeout exceeded|timeout expired|Query read timeout|not queryable|calling end on the pool|driver has already been destroyed|PGlite is clos/i;

/**
 * True when a PostgreSQL server refused a statement because it takes no writes: a standby that is not promoted yet, or a
 * demoted primary. SQLSTATE 25006, or 55000 of a function that no server in recovery has; 55000 has other meanings, too.
 */
export function isReadOnlyServer(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  if (error.code === '25006') return true;
  const routine = 'routine' in error && typeof error.routine === 'string' ? error.routine : '';
  return (
    error.code === '55000' && (/^pg_(current_)?wal/.test(routine) || /recovery is in progress/.test(error.message))
  );
}

/**
 * True for errors of database, network or disk, as Node and PostgreSQL's drivers throw it: the same request may succeed
 * later, so a caller gets `unavailable`. False for a {@link Failure}, which has its own code.
 *
 * @example
 * if (isTransientError(error)) throw fail('unavailable', { cause: error });
 */
export function isTransientError(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof Failure) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return sqlStates.test(code) || errnos.test(code) || messagePattern.test(error.message) || isReadOnlyServer(error);
}

/** Time after which a caller may try again after a transient error, in milliseconds. */
const retryAfterMs = 1_000;

/**
 * Returns the failure that a caller gets for a caught value: a {@link Failure} unchanged, `unavailable` for a transient error,
 * else `internal_error`. Every entry point uses it (HTTP, sockets of browsers and of backends), so that the same error has the
 * same code everywhere. The value itself becomes the `cause`, for the log.
 *
 * @example
 * try { await work(); } catch (error) { ack({ ok: false, error: toWireError(toFailure(error)) }); }
 */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (isTransientError(error)) return fail('unavailable', { cause: error, retryAfterMs });
  return fail('internal_error', { cause: error });
}
