import {
  type AccessScheme,
  type ErrorCode,
  fail,
  parseAuthorization,
  proofConstants,
  shouldClearToken,
} from '@latchkey/contract';
import type { Flows } from '../../flow/flows.ts';
import type { Caller, PresentedAccessToken } from '../../flow/types.ts';
import type { Context } from '../context.ts';

/**
 * Who calls, by the access token in the Authorization header and nowhere else (RFC 6750 §2.1).
 *
 * @throws unauthenticated · proof_required · proof_invalid · use_dpop_nonce
 */
export async function authenticateCaller(ctx: Context, flows: Pick<Flows, 'authenticate'>): Promise<Caller> {
  const { token, presented } = readAccessToken(ctx);
  return flows.authenticate(token, presented);
}

/** An access token as it was shown, whatever it is worth. @throws unauthenticated */
export function readAccessToken(ctx: Context): { token: string; presented: PresentedAccessToken } {
  const { token, scheme } = parseAuthorization(ctx.get('Authorization'));
  ctx.state.bearer = true;
  ctx.state.presentedScheme = scheme;
  if (token === undefined || scheme === undefined) throw fail('unauthenticated');
  return { token, presented: { scheme, proof: readProof(ctx), method: ctx.method, path: ctx.originalUrl } };
}

/** The proof in the `DPoP` header. */
export function readProof(ctx: Context): string | undefined {
  const proof = ctx.get(proofConstants.header);
  return proof === '' ? undefined : proof;
}

/**
 * `WWW-Authenticate` of a 401: no error when nothing was shown (RFC 6750 §3), a step-up by RFC 9470, what is wrong with
 * a proof by RFC 9449 §7.1.
 */
export function accessTokenChallenge(code: ErrorCode, presentedScheme?: AccessScheme): string {
  const scheme =
    isProofError(code) || presentedScheme === 'DPoP'
      ? `DPoP realm="latchkey", algs="${proofConstants.algorithm}"`
      : bearerChallenge;
  const error = presentedScheme === undefined ? undefined : challengeError(code, presentedScheme);
  return error === undefined ? scheme : `${scheme}, error="${error}"`;
}

const bearerChallenge = 'Bearer realm="latchkey"';

const isProofError = (code: ErrorCode): boolean =>
  code === 'proof_required' || code === 'proof_invalid' || code === 'use_dpop_nonce';

function challengeError(code: ErrorCode, presentedScheme: AccessScheme): string | undefined {
  if (code === 'reauthentication_required') return 'insufficient_user_authentication';
  if (isProofError(code) && presentedScheme === 'DPoP') return code === 'use_dpop_nonce' ? code : 'invalid_dpop_proof';
  return code === 'unauthenticated' || isProofError(code) || shouldClearToken(code) ? 'invalid_token' : undefined;
}
