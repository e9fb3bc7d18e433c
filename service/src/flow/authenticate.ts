import { type AccessClaims, fail } from '@latchkey/contract';
import { explained } from './explained.ts';
import type { FlowNeeds } from './needs.ts';
import { endpointAt, otherUrl } from './proved-key.ts';
import type { Caller, ShownAccess } from './types.ts';

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
  const { scheme, proof } = shown;
  await explained(needs, otherUrl, () =>
    needs.proofs.checkPossession(claims, { token: accessToken, scheme, proof }, endpointAt(needs, shown)),
  );
  return { userId: claims.sub, tenantId: claims.tid, sid: claims.sid, authTime: claims.auth_time, claims };
}

const asBearer: ShownAccess = { scheme: 'Bearer', method: '', path: '' };
