import { type Failure, fail, isErrorCode, type WireError } from '@latchkey/contract';

/** What a server refused with, as the error to throw; a code this table lacks is `internal_error`. */
export function toFailure({ code, message, retry_after_ms, request_id, details }: WireError): Failure {
  return fail(isErrorCode(code) ? code : 'internal_error', {
    message,
    retryAfterMs: retry_after_ms,
    detail: request_id === undefined ? undefined : `request_id ${request_id}`,
    details: Array.isArray(details) ? details : undefined,
  });
}
