import type { FlowContext } from './context.ts';
import type { Caller, PresentedAccessToken } from './types.ts';
import { verifyPossession } from './verify-possession.ts';

/**
 * Resolves the caller of an access token. Rejects if the token is bound to a key and the request has no proof, or if
 * its session was revoked.
 */
export async function authenticate(
  context: Pick<FlowContext, 'causes' | 'config' | 'feed' | 'proofs' | 'tokens'>,
  accessToken: string,
  presented: PresentedAccessToken = presentedAsBearer,
): Promise<Caller> {
  return verifyPossession(context, accessToken, await context.tokens.readAccess(accessToken), presented);
}

const presentedAsBearer: PresentedAccessToken = { scheme: 'Bearer', method: '', path: '' };
