import { type AccessClaims, fail } from '@latchkey/contract';
import type { Caller, ShownAccess } from './flows.ts';
import type { FlowNeeds } from './needs.ts';
import { endpointAt } from './proved-key.ts';

/** Whoever holds this access token and, when it is bound, its key; unless the session was ended since. */
export async function authenticate(
  needs: FlowNeeds,
  accessToken: string,
  shown: ShownAccess = asBearer,
): Promise<Caller> {
  return possessed(needs, accessToken, await needs.tokens.readAccess(accessToken), shown);
}

/** The same, for a token of either audience whose claims were read. */
export async function possessed(
  needs: FlowNeeds,
  accessToken: string,
  claims: AccessClaims,
  shown: ShownAccess,
): Promise<Caller> {
  if (needs.feed.reason(claims.sid) !== undefined) throw fail('unauthenticated', { detail: 'session ended' });
  await checkPossession(needs, accessToken, claims, shown);
  return { userId: claims.sub, tenantId: claims.tid, sid: claims.sid, authTime: claims.auth_time, claims };
}

const asBearer: ShownAccess = { scheme: 'Bearer', method: '', path: '' };

/** A bound token comes as `DPoP` with a proof by its key, any other as `Bearer` (RFC 9449 §7). */
async function checkPossession(
  needs: FlowNeeds,
  accessToken: string,
  { cnf }: AccessClaims,
  shown: ShownAccess,
): Promise<void> {
  const { scheme, proof } = shown;
  if (cnf === undefined && scheme === 'Bearer') return;
  if (cnf === undefined) throw fail('unauthenticated', { detail: 'not bound to a key' });
  if (scheme !== 'DPoP' || proof === undefined) throw fail('proof_required');
  const jkt = await needs.proofs.check(proof, { ...endpointAt(needs, shown), credential: accessToken });
  if (jkt !== cnf.jkt) throw fail('proof_invalid', { detail: 'of another key' });
}
