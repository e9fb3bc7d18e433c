import { errors, type Problem } from './errors.ts';
import type { Failure } from './failure.ts';

/** Returns the `type` of a problem (RFC 9457): a URN, explained for each code in `docs/reference/errors.md`. */
export function problemType(code: string): string {
  return `urn:latchkey:error:${code}`;
}

/**
 * Returns the body of an HTTP refusal (RFC 9457). `title` is the message of the code, `detail` the failure's own message, if it
 * has one.
 *
 * @example
 * response.end(JSON.stringify(toProblem(failure, randomUUID())));
 */
export function toProblem(failure: Failure, requestId: string): Problem {
  const { code, message, details, retryAfterMs, nowMs } = failure;
  const { status, message: title } = errors[code];
  return {
    type: problemType(code),
    title,
    status,
    code,
    ...(message === title || message === code ? {} : { detail: message }),
    request_id: requestId,
    ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
    ...(nowMs === undefined ? {} : { now: nowMs }),
    ...(details === undefined ? {} : { errors: details }),
  };
}
