import { fail } from '@latchkey/contract';
import type { Caller } from './flows.ts';
import type { FlowNeeds } from './needs.ts';

/** Whoever holds this access token, unless the session was ended since. */
export async function authenticate({ tokens, feed }: FlowNeeds, accessToken: string): Promise<Caller> {
  const claims = await tokens.readAccess(accessToken);
  if (feed.reason(claims.sid) !== undefined) throw fail('unauthenticated', { detail: 'session ended' });
  return { userId: claims.sub, tenantId: claims.tid, sid: claims.sid, authTime: claims.auth_time, claims };
}
