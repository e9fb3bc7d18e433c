import type { Failure, WireError } from '@latchkey/contract';
import { fail, looksLikeErrorCode } from '../fail.ts';

/** What a server refused with, whatever came; what holds no code is `internal_error`. */
export function parseWireError(value: unknown): WireError {
  const { code, message, retry_after_ms, ...rest } = Object(value) as Partial<WireError>;
  return {
    ...rest,
    code: looksLikeErrorCode(code) ? code : 'internal_error',
    message: typeof message === 'string' ? message : 'internal_error',
    retryable: rest.retryable === true,
    ...(typeof retry_after_ms === 'number' ? { retry_after_ms } : {}),
  };
}

/** The same as the error to throw. */
export function toFailure(value: unknown): Failure {
  const { code, message, retry_after_ms, request_id, detail, details } = parseWireError(value);
  return fail(code, {
    message,
    retryAfterMs: retry_after_ms,
    detail: request_id === undefined ? detail : `${detail === undefined ? '' : `${detail}; `}request_id ${request_id}`,
    details: Array.isArray(details) ? details : undefined,
  });
}
