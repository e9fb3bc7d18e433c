import type { ErrorCode, Failure } from '@latchkey/contract';
import { errorCodeSchema } from '@latchkey/contract/schemas';
import { z } from 'zod';

/** Marks a grant type that this service does not have; the only thing RFC 6749 knows and the error table does not. */
export const unsupportedGrantType = 'unsupported grant type';

interface OAuthErrorStatus {
  readonly status: number;
  readonly error: string;
}

const invalidGrant: OAuthErrorStatus = { status: 400, error: 'invalid_grant' };
const temporarilyUnavailable: OAuthErrorStatus = { status: 503, error: 'temporarily_unavailable' };
const badProof: OAuthErrorStatus = { status: 400, error: 'invalid_dpop_proof' };
const badRequest = (status: number): OAuthErrorStatus => ({ status, error: 'invalid_request' });

/** The error table as RFC 6749 §5.2 (and RFC 9449 §5 for proofs) define it. A race or a transient error is never `invalid_grant`. */
const oauthErrors = {
  invalid_request: badRequest(400),
  payload_too_large: badRequest(413),
  unsupported_media_type: badRequest(415),
  request_timeout: badRequest(408),
  not_found: badRequest(404),
  unknown_call: badRequest(404),
  weak_password: badRequest(400),
  identifier_taken: badRequest(400),
  forbidden: { status: 403, error: 'unauthorized_client' },
  registration_closed: { status: 403, error: 'unauthorized_client' },
  unauthenticated: { status: 401, error: 'invalid_client' },
  invalid_scope: { status: 400, error: 'invalid_scope' },
  insufficient_scope: { status: 403, error: 'insufficient_scope' },

  invalid_credentials: invalidGrant,
  tenant_unknown: invalidGrant,
  user_disabled: invalidGrant,
  email_unverified: invalidGrant,
  verification_required: invalidGrant,
  password_change_required: invalidGrant,
  tenant_disabled: invalidGrant,
  domain_not_allowed: invalidGrant,
  session_limit_reached: invalidGrant,
  managed_elsewhere: invalidGrant,
  link_invalid: invalidGrant,
  mail_code_wrong: invalidGrant,
  reauthentication_required: invalidGrant,
  code_invalid: invalidGrant,
  code_expired: invalidGrant,
  code_used: invalidGrant,
  pkce_mismatch: invalidGrant,
  token_invalid: invalidGrant,
  token_reused: invalidGrant,
  generation_unknown: invalidGrant,
  session_revoked: invalidGrant,
  session_expired: invalidGrant,
  already_authenticated: invalidGrant,

  proof_invalid: badProof,
  proof_required: badProof,
  use_dpop_nonce: { status: 400, error: 'use_dpop_nonce' },

  rotation_contended: temporarilyUnavailable,
  rotation_superseded: temporarilyUnavailable,
  busy: temporarilyUnavailable,
  auth_timeout: temporarilyUnavailable,
  overloaded: temporarilyUnavailable,
  unavailable: temporarilyUnavailable,
  mail_unavailable: temporarilyUnavailable,
  server_draining: temporarilyUnavailable,
  revocations_stale: temporarilyUnavailable,
  revocations_not_ready: temporarilyUnavailable,
  rate_limited: { status: 429, error: 'temporarily_unavailable' },

  internal_error: { status: 500, error: 'server_error' },
} as const satisfies Record<ErrorCode, OAuthErrorStatus>;

/** An error answer of `/oauth/*`: RFC 6749's members, and beside them the table's code for clients that know it. */
interface OAuthErrorResponse {
  readonly error: string;
  readonly error_description: string;
  readonly code: ErrorCode;
  readonly request_id: string;
  /** The database's time in epoch ms. */
  readonly now?: number;
}

export const oauthErrorSchema = z.object({
  error: z.string(),
  error_description: z.string(),
  code: errorCodeSchema,
  request_id: z.string(),
  now: z.number().exactOptional(),
}) satisfies z.ZodType<OAuthErrorResponse>;

export function toOAuthError(failure: Failure, requestId: string): { status: number; body: OAuthErrorResponse } {
  const unsupported = failure.details?.some((detail) => detail.message === unsupportedGrantType) ?? false;
  const { status, error } = unsupported ? { status: 400, error: 'unsupported_grant_type' } : oauthErrors[failure.code];
  const now = failure.nowMs === undefined ? {} : { now: failure.nowMs };
  const body = { error, error_description: describe(failure), code: failure.code, request_id: requestId, ...now };
  return { status, body };
}

/** RFC 6749 allows printable ASCII without `"` and `\` only. */
function describe({ message, details = [] }: Failure): string {
  const places = details.map(({ path, message: what }) => (path === '' ? what : `${path}: ${what}`));
  return [message, ...places]
    .join(' ')
    .replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?')
    .slice(0, 400);
}
