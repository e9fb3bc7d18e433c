import { endCode, fail } from '@latchkey/contract';
import type { AccessGrant } from '@latchkey/sdk-server';
import { grantAdmin } from './admin/mint.ts';
import { grantAccess } from './grant.ts';
import type { FlowNeeds } from './needs.ts';

/** What kind of access token: one for `/admin`, or as usual. */
export interface RefreshOptions {
  readonly admin?: boolean | undefined;
}

/** A new access token without a rotation: the session's row only has to be alive. */
export async function refresh(needs: FlowNeeds, sid: string, { admin }: RefreshOptions = {}): Promise<AccessGrant> {
  const { sessions, limits, databaseClock, db } = needs;
  const { epoch } = databaseClock;
  await limits.accessTokens.take(sid);
  const session = await sessions.prove(db, sid, epoch);
  if (session !== undefined) return admin ? grantAdmin(needs, session) : grantAccess(needs, session);
  const [state] = await sessions.inspect([sid]);
  throw fail(state?.alive === false ? endCode(state.reason) : 'session_revoked');
}
