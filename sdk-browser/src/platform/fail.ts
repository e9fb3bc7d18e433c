import { type ErrorCode, Failure, type FailureOptions, shouldClearToken, type WireError } from '@latchkey/contract';

/**
 * Creates the error of a code. Its message is the message of the service, else the code. The messages of the error table are
 * not part of this package because of their size: an app has its own, or takes `errors` of `@latchkey/contract`.
 */
export function fail(code: ErrorCode, options?: FailureOptions): Failure {
  return new Failure(code, options);
}

/** Returns an error as a `Failure`. Any other error becomes the cause of one with `code`. */
export function wrapError(cause: unknown, code: ErrorCode): Failure {
  return cause instanceof Failure ? cause : fail(code, { cause });
}

/** True for a string in the form of an error code. A newer service may send a code that this version does not list. */
export function looksLikeErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && /^[a-z][a-z_]{1,40}$/.test(value);
}

/** True if the service no longer accepts the session of a connection or of an access token. */
export function isSessionEndedError(cause: unknown): boolean {
  return cause instanceof Failure && (shouldClearToken(cause.code) || cause.code === 'unauthenticated');
}

/** Parses the error of a server. A value without a code becomes `internal_error`. */
export function parseWireError(value: unknown): WireError {
  const { code: given, message, retry_after_ms, ...rest } = Object(value) as Partial<WireError>;
  const code = looksLikeErrorCode(given) ? given : 'internal_error';
  return {
    ...rest,
    code,
    message: typeof message === 'string' ? message : code,
    retryable: rest.retryable === true,
    ...(typeof retry_after_ms === 'number' ? { retry_after_ms } : {}),
  };
}

/** Returns the error of a server as a `Failure`. A value without a code becomes `internal_error`. */
export function toFailure(value: unknown): Failure {
  const { code, message, retry_after_ms, request_id, detail, details, now } = parseWireError(value);
  const request = typeof request_id === 'string' ? `request_id ${request_id}` : undefined;
  return fail(code, {
    message,
    retryAfterMs: retry_after_ms,
    detail: [detail, request].filter(Boolean).join('; ') || undefined,
    details: Array.isArray(details) ? details : undefined,
    nowMs: typeof now === 'number' ? now : undefined,
  });
}
