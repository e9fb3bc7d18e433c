import type { ErrorCode } from '@latchkey/contract';

/** Of a sign-in by address and password. */
export const signInErrors = [
  'invalid_credentials',
  'tenant_unknown',
  'user_disabled',
  'tenant_disabled',
  'password_change_required',
  'session_limit_reached',
  'invalid_scope',
  'rate_limited',
] as const satisfies readonly ErrorCode[];

/** Of a sign-up. */
export const signUpErrors = [
  'tenant_unknown',
  'tenant_disabled',
  'domain_not_allowed',
  'registration_closed',
  'weak_password',
  'identifier_taken',
  'mail_unavailable',
  'rate_limited',
] as const satisfies readonly ErrorCode[];

/** Of the token endpoint, for codes and session tokens. */
export const tokenErrors = [
  'code_invalid',
  'code_expired',
  'code_used',
  'pkce_mismatch',
  'user_disabled',
  'session_limit_reached',
  'invalid_scope',
  'token_invalid',
  'token_reused',
  'generation_unknown',
  'session_revoked',
  'session_expired',
  'proof_invalid',
  'proof_required',
  'use_dpop_nonce',
  'rotation_contended',
  'rotation_superseded',
  'busy',
  'rate_limited',
] as const satisfies readonly ErrorCode[];

/** Of the link or the code of a mail. */
export const mailProofErrors = ['link_invalid', 'mail_code_wrong'] as const satisfies readonly ErrorCode[];
