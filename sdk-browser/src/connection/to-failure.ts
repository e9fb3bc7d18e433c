import type { Failure, WireError } from '@latchkey/contract';
import { fail, looksLikeErrorCode } from '../platform/fail.ts';

/** Parses the error of a server. A value without a code becomes `internal_error`. */
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

/** Returns the error of a server as a `Failure`. A value without a code becomes `internal_error`. */
export function toFailure(value: unknown): Failure {
  const { code, message, retry_after_ms, request_id, detail, details } = parseWireError(value);
  return fail(code, {
    message,
    retryAfterMs: retry_after_ms,
    detail: request_id === undefined ? detail : `${detail === undefined ? '' : `${detail}; `}request_id ${request_id}`,
    details: Array.isArray(details) ? details : undefined,
  });
}
