import type { FlowContext } from './context.ts';
import type { Caller, PresentedAccessToken } from './types.ts';
import { verifyPossession } from './verify-possession.ts';

/** Whoever holds this access token and, when it is bound, its key; unless the session was ended since. */
export async function authenticate(
  context: Pick<FlowContext, 'causes' | 'config' | 'feed' | 'proofs' | 'tokens'>,
  accessToken: string,
  presented: PresentedAccessToken = presentedAsBearer,
): Promise<Caller> {
  return verifyPossession(context, accessToken, await context.tokens.readAccess(accessToken), presented);
}

const presentedAsBearer: PresentedAccessToken = { scheme: 'Bearer', method: '', path: '' };
