import { errors, type Failure, type Problem } from '@latchkey/contract';

/** `type` of a problem (RFC 9457): a name, not a place; `docs/errors.md` explains each code. */
export function problemType(code: string): string {
  return `urn:latchkey:error:${code}`;
}

/** What leaves: the table's sentence and what the failure allows to be told. */
export function problemBody(failure: Failure, requestId: string): Problem {
  const { code, message, details, retryAfterMs, nowMs } = failure;
  const { status, sentence: title } = errors[code];
  return {
    type: problemType(code),
    title,
    status,
    code,
    ...(message === title ? {} : { detail: message }),
    request_id: requestId,
    ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
    ...(nowMs === undefined ? {} : { now: nowMs }),
    ...(details === undefined ? {} : { errors: details }),
  };
}
