import type { Failure, WireError } from '@latchkey/contract';
import { fail, isCode } from '../fail.ts';

/** What a server refused with, as the error to throw; what is no code is `internal_error`. */
export function toFailure({ code, message, retry_after_ms, request_id, details }: WireError): Failure {
  return fail(isCode(code) ? code : 'internal_error', {
    message,
    retryAfterMs: retry_after_ms,
    detail: request_id === undefined ? undefined : `request_id ${request_id}`,
    details: Array.isArray(details) ? details : undefined,
  });
}
