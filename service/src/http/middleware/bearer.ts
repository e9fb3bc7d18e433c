import { fail, parseAuthorization, proofConstants } from '@latchkey/contract';
import type { Flows } from '../../flow/flows.ts';
import type { Caller, PresentedAccessToken } from '../../flow/types.ts';
import type { Context } from '../context.ts';

/**
 * Resolves the caller by the access token in the Authorization header, and in no other place (RFC 6750 §2.1).
 *
 * @throws unauthenticated · proof_required · proof_invalid · use_dpop_nonce
 */
export async function authenticateCaller(ctx: Context, flows: Pick<Flows, 'authenticate'>): Promise<Caller> {
  const { token, presented } = readAccessToken(ctx);
  return flows.authenticate(token, presented);
}

/** Reads the presented access token, without a check. @throws unauthenticated */
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
