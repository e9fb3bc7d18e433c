import { type AccessScheme, type ErrorCode, endsJar, fail, proofNames, readCredential } from '@latchkey/contract';
import type { Flows } from '../flow/flows.ts';
import type { Caller, ShownAccess } from '../flow/types.ts';
import type { Context } from './context.ts';

/**
 * Who calls, by the access token in the Authorization header and nowhere else (RFC 6750 §2.1).
 *
 * @throws unauthenticated · proof_required · proof_invalid · use_dpop_nonce
 */
export async function readCaller(ctx: Context, flows: Pick<Flows, 'authenticate'>): Promise<Caller> {
  const { token, shown } = readAccessToken(ctx);
  return flows.authenticate(token, shown);
}

/** An access token as it was shown, whatever it is worth. @throws unauthenticated */
export function readAccessToken(ctx: Context): { token: string; shown: ShownAccess } {
  const { token, scheme } = readCredential(ctx.get('Authorization'));
  ctx.state.bearer = true;
  ctx.state.tokenShown = scheme;
  if (token === undefined || scheme === undefined) throw fail('unauthenticated');
  return { token, shown: { scheme, proof: readProof(ctx), method: ctx.method, path: ctx.originalUrl } };
}

/** What stands in the `DPoP` header. */
export function readProof(ctx: Context): string | undefined {
  const proof = ctx.get(proofNames.header);
  return proof === '' ? undefined : proof;
}

/**
 * `WWW-Authenticate` of a 401: no error when nothing was shown (RFC 6750 §3), a step-up by RFC 9470, what is wrong with
 * a proof by RFC 9449 §7.1.
 */
export function challenge(code: ErrorCode, shown?: AccessScheme): string {
  const scheme =
    isAboutProof(code) || shown === 'DPoP' ? `DPoP realm="latchkey", algs="${proofNames.algorithm}"` : plain;
  const error = shown === undefined ? undefined : challengeError(code, shown);
  return error === undefined ? scheme : `${scheme}, error="${error}"`;
}

const plain = 'Bearer realm="latchkey"';

const isAboutProof = (code: ErrorCode): boolean =>
  code === 'proof_required' || code === 'proof_invalid' || code === 'use_dpop_nonce';

function challengeError(code: ErrorCode, shown: AccessScheme): string | undefined {
  if (code === 'reauthentication_required') return 'insufficient_user_authentication';
  if (isAboutProof(code) && shown === 'DPoP') return code === 'use_dpop_nonce' ? code : 'invalid_dpop_proof';
  return code === 'unauthenticated' || isAboutProof(code) || endsJar(code) ? 'invalid_token' : undefined;
}
