/**
 * The error table: every code of the protocol, with its HTTP status and its message. error-policy.ts has the reactions
 * of clients, because browsers need only these. A test compares `docs/reference/errors.md` with both.
 */
interface ErrorRow {
  readonly status: number;
  readonly message: string;
}

/** HTTP status and message of each error code. */
export const errors = {
  invalid_request: { status: 400, message: 'The request has a wrong shape.' },
  payload_too_large: { status: 413, message: 'The request is too large.' },
  unsupported_media_type: { status: 415, message: 'The body has to be JSON.' },
  request_timeout: { status: 408, message: 'The request took too long to arrive.' },

  invalid_credentials: { status: 401, message: 'The address or the password is wrong.' },
  identifier_taken: { status: 409, message: 'An account with this address already exists.' },
  weak_password: { status: 422, message: 'This password is too short or too common.' },
  tenant_unknown: { status: 404, message: 'There is no such tenant.' },
  registration_closed: { status: 403, message: 'Sign-up is closed here.' },
  user_disabled: { status: 403, message: 'This account is disabled.' },
  email_unverified: { status: 403, message: 'Verify your address first.' },
  verification_required: { status: 403, message: 'Enter the code of the mail, or open its link.' },
  password_change_required: { status: 403, message: 'Set a new password first.' },
  tenant_disabled: { status: 403, message: 'Sign-in is disabled here.' },
  domain_not_allowed: { status: 403, message: 'Addresses of this domain are not allowed here.' },
  session_limit_reached: {
    status: 409,
    message: 'This account is signed in on too many devices. Log out on one of them first.',
  },
  managed_elsewhere: { status: 409, message: 'This account is managed in another system.' },
  link_invalid: { status: 400, message: 'This link or code is not valid any more. Ask for a new one.' },
  mail_code_wrong: { status: 400, message: 'This code is wrong.' },

  unauthenticated: { status: 401, message: 'Sign in first.' },
  forbidden: { status: 403, message: 'You have no permission for this.' },
  not_found: { status: 404, message: 'The resource does not exist.' },
  unknown_call: { status: 404, message: 'There is no such call.' },
  insufficient_scope: { status: 403, message: 'The access token lacks a required scope.' },
  reauthentication_required: { status: 401, message: 'Sign in again to do this.' },
  invalid_scope: { status: 400, message: 'The requested scope cannot be granted.' },

  code_invalid: { status: 400, message: 'This sign-in code is not valid.' },
  code_expired: { status: 400, message: 'This sign-in code has expired.' },
  code_used: { status: 400, message: 'This sign-in code was used before. Its session was ended.' },
  pkce_mismatch: { status: 400, message: 'The PKCE verifier does not match this sign-in code.' },

  token_invalid: { status: 401, message: 'The session token is not valid.' },
  token_reused: {
    status: 401,
    message: 'A replaced session token was used again. The session was ended.',
  },
  generation_unknown: {
    status: 401,
    message: 'The service never issued this generation of the session token. The session was ended.',
  },
  session_revoked: { status: 401, message: 'The session was ended.' },
  session_expired: { status: 401, message: 'The session has expired.' },

  already_authenticated: { status: 409, message: 'This connection belongs to another session.' },
  proof_invalid: { status: 401, message: 'The proof of possession is not valid.' },
  proof_required: { status: 401, message: 'This session is bound to a key and needs a proof.' },
  use_dpop_nonce: { status: 401, message: 'The proof has to carry the nonce of this answer.' },
  rotation_contended: {
    status: 409,
    message: 'Another tab has just replaced the token. Read it again.',
  },
  rotation_superseded: { status: 409, message: 'Another tab has a newer token. Read it again.' },
  busy: { status: 409, message: 'Another request of this session is in progress.' },
  auth_timeout: { status: 408, message: 'The connection was not authenticated in time.' },

  rate_limited: { status: 429, message: 'Too many attempts. Wait before the next one.' },
  overloaded: { status: 503, message: 'The service is overloaded. Try again soon.' },
  unavailable: { status: 503, message: 'The service is unavailable. Try again soon.' },
  mail_unavailable: { status: 503, message: 'No mail can be sent here at the moment. Try again later.' },
  server_draining: { status: 503, message: 'This server is shutting down. Try again.' },
  revocations_stale: { status: 503, message: 'The revocation list is out of date.' },
  revocations_not_ready: { status: 503, message: 'The revocation list is not loaded yet.' },

  internal_error: { status: 500, message: 'An internal error occurred.' },
} as const satisfies Record<string, ErrorRow>;

/** A stable error code of the table above; clients switch on it. */
export type ErrorCode = keyof typeof errors;

/** All error codes, in the order of the table. */
export const errorCodes = Object.keys(errors) as readonly ErrorCode[];

/** True when `value` is a code of the table. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errors, value);
}

/** An error on a socket. */
export interface WireError {
  code: ErrorCode;
  message: string;
  retryable: boolean;
  retry_after_ms?: number;
  request_id?: string;
  /** What the developer has to change; in development only. */
  detail?: string;
  details?: unknown;
  /** The database's time in epoch ms, in refusals of `authenticate` and `exchange`. */
  now?: number;
}

/** The body of an HTTP error, `application/problem+json` (RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: ErrorCode;
  detail?: string;
  request_id: string;
  retry_after_ms?: number;
  /** The database's time in epoch ms. */
  now?: number;
  errors?: { path: string; message: string }[];
}
