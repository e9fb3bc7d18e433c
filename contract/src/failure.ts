import { isRetryable } from './error-policy.ts';
import { type ErrorCode, errors, type WireError } from './errors.ts';

/** Optional members of a {@link Failure}. */
export interface FailureOptions {
  cause?: unknown;
  /** For logs, never for the wire. */
  detail?: string | undefined;
  /** What has to be changed, as a code of docs/run/troubleshooting.md; for logs, never for the wire. */
  reason?: string | undefined;
  /** Sent to clients. Never contains input of a client. Default: the message of the table, by {@link fail}. */
  message?: string | undefined;
  /** When trying again makes sense, in milliseconds from now. */
  retryAfterMs?: number | undefined;
  /** Which fields of the input were wrong; goes out. */
  details?: { path: string; message: string }[] | undefined;
  /** The credential's signature was valid, so the client is not treated as an attacker. Never sent to clients. */
  verified?: boolean;
  /** The database's time at the refusal, in epoch ms; goes out as `now`. */
  nowMs?: number | undefined;
}

/**
 * An error for clients. Endpoints answer any other error with `internal_error`.
 *
 * @example
 * throw fail('rate_limited', { retryAfterMs: 5_000 });
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly reason: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly details: { path: string; message: string }[] | undefined;
  readonly verified: boolean;
  readonly nowMs: number | undefined;

  constructor(code: ErrorCode, options: FailureOptions = {}) {
    super(options.message ?? code, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
    this.reason = options.reason;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details;
    this.verified = options.verified ?? false;
    this.nowMs = options.nowMs;
  }

  /** Returns a copy of this failure with other options and the same stack. */
  with(options: FailureOptions): Failure {
    // A spread copies neither the message nor the cause.
    const changed = new Failure(this.code, { ...this, message: this.message, cause: this.cause, ...options });
    return Object.defineProperty(changed, 'stack', { value: this.stack });
  }

  get retryable(): boolean {
    return isRetryable(this.code);
  }
}

/** Makes the error of a code, with the table's sentence; see {@link Failure}. */
export function fail(code: ErrorCode, options: FailureOptions = {}): Failure {
  return new Failure(code, { ...options, message: options.message ?? errors[code].message });
}

/** The error as it crosses a socket: code, sentence, whether to try again. */
export function toWireError(failure: Failure, requestId?: string): WireError {
  return {
    code: failure.code,
    message: failure.message,
    retryable: failure.retryable,
    ...(failure.retryAfterMs === undefined ? {} : { retry_after_ms: failure.retryAfterMs }),
    ...(failure.details === undefined ? {} : { details: failure.details }),
    ...(requestId === undefined ? {} : { request_id: requestId }),
    ...(failure.nowMs === undefined ? {} : { now: failure.nowMs }),
  };
}
