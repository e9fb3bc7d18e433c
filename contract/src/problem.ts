import { errors, type Problem } from './errors.ts';
import type { Failure } from './failure.ts';

/** `type` of a problem (RFC 9457): a name, not an address; `docs/errors.md` explains each code. */
export function problemType(code: string): string {
  return `urn:latchkey:error:${code}`;
}

/**
 * The body of an HTTP refusal (RFC 9457). `title` is the sentence of the code; `detail` is the failure's own message, if it
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
