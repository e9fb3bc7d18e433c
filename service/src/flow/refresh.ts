import { endCode, fail } from '@latchkey/contract';
import type { AccessGrant } from '@latchkey/sdk-server';
import { grantAdmin } from './admin/mint.ts';
import { grantAccess } from './grant.ts';
import type { FlowNeeds } from './needs.ts';

/** What kind of access token: one for `/admin`, or as usual. */
export interface RefreshOptions {
  readonly admin?: boolean | undefined;
  /** Fewer scopes than the session has, for this access token (RFC 6749 §6). */
  readonly scope?: string | undefined;
}

/** A new access token without a rotation: the session's row only has to be alive. */
export async function refresh(
  needs: FlowNeeds,
  sid: string,
  { admin, scope }: RefreshOptions = {},
): Promise<AccessGrant> {
  const { sessions, limits, databaseClock, db } = needs;
  const { epoch } = databaseClock;
  await limits.accessTokens.take(sid);
  const session = await sessions.prove(db, sid, epoch);
  if (session !== undefined) return admin ? grantAdmin(needs, session) : grantAccess(needs, session, scope);
  const [state] = await sessions.inspect([sid]);
  throw fail(state?.alive === false ? endCode(state.reason) : 'session_revoked');
}
