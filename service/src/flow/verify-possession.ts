import { type AccessClaims, fail } from '@latchkey/contract';
import type { FlowContext } from './context.ts';
import { explainFailures } from './explain-failures.ts';
import type { Caller, PresentedAccessToken } from './types.ts';
import { endpointTarget, proofUrlCauses } from './verify-proof.ts';

/**
 * The caller of an access token whose claims were read, for either audience.
 *
 * @throws unauthenticated its session has ended · proof_required · proof_invalid · use_dpop_nonce
 */
export async function verifyPossession(
  context: Pick<FlowContext, 'causes' | 'config' | 'feed' | 'proofs'>,
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
