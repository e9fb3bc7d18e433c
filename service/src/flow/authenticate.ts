import { type AccessClaims, fail } from '@latchkey/contract';
import type { FlowContext } from './context.ts';
import { explainFailures } from './explain-failures.ts';
import type { Caller, PresentedAccessToken } from './types.ts';
import { endpointTarget, proofUrlCauses } from './verify-proof.ts';

/** Whoever holds this access token and, when it is bound, its key; unless the session was ended since. */
export async function authenticate(
  context: FlowContext,
  accessToken: string,
  presented: PresentedAccessToken = presentedAsBearer,
): Promise<Caller> {
  return verifyPossession(context, accessToken, await context.tokens.readAccess(accessToken), presented);
}

/** The same, for a token of either audience whose claims were read. */
export async function verifyPossession(
  context: FlowContext,
  accessToken: string,
  claims: AccessClaims,
  presented: PresentedAccessToken,
): Promise<Caller> {
  if (context.feed.reason(claims.sid) !== undefined) throw fail('unauthenticated', { detail: 'session ended' });
  const { scheme, proof } = presented;
  await explainFailures(context, proofUrlCauses, () =>
    context.proofs.checkPossession(claims, { token: accessToken, scheme, proof }, endpointTarget(context, presented)),
  );
  return { userId: claims.sub, tenantId: claims.tid, sid: claims.sid, authTime: claims.auth_time, claims };
}

const presentedAsBearer: PresentedAccessToken = { scheme: 'Bearer', method: '', path: '' };
