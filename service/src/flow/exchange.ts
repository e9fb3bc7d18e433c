import { type Deadline, deadlineNow } from '../db/deadline.ts';
import type { ExchangeContext, FlowContext } from './context.ts';
import { exchangeCredential } from './exchange-credential.ts';
import type { CredentialRequest, Endpoint, ExchangeResult } from './types.ts';
import { endpointTarget, type ProofRequestTarget, socketTarget } from './verify-proof.ts';

/**
 * Redeems a code or rotates a session token.
 *
 * @param endpoint where it was presented; absent: on a socket of this service
 */
export async function exchange(
  context: ExchangeContext,
  request: CredentialRequest,
  endpoint?: Endpoint,
  deadline: Deadline = deadlineNow(context.databaseClock, request.askedAt),
): Promise<ExchangeResult> {
  return exchangeCredential(context, request, proofTargetOf(context, endpoint), deadline);
}

/** At the token endpoint the server's own nonce is needed, so that an attacker with short access to the key can make no stock of proofs. */
function proofTargetOf(context: Pick<FlowContext, 'config'>, endpoint: Endpoint | undefined): ProofRequestTarget {
  if (endpoint === undefined) return socketTarget(context.config.ownOrigins);
  return { ...endpointTarget(context, endpoint), needsNonce: true };
}
