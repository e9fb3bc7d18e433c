import { errorCodeForEnd, fail } from '@latchkey/contract';
import type { AccessGrant } from '@latchkey/core';
import { issueAdminToken } from './admin/issue-admin-token.ts';
import type { FlowContext } from './context.ts';
import { issueAccessToken } from './grant.ts';

/** What kind of access token: one for `/admin`, or as usual. */
export interface RefreshOptions {
  readonly admin?: boolean | undefined;
  /** Fewer scopes than the session has, for this access token (RFC 6749 §6). */
  readonly scope?: string | undefined;
}

/** A new access token without a rotation: the session's row only has to be alive. */
export async function refresh(
  context: Pick<
    FlowContext,
    'config' | 'databaseClock' | 'db' | 'hooks' | 'limits' | 'operators' | 'sessions' | 'tokens' | 'users'
  >,
  sid: string,
  { admin, scope }: RefreshOptions = {},
): Promise<AccessGrant> {
  const { sessions, limits, databaseClock, db } = context;
  const { epoch } = databaseClock;
  await limits.accessTokens.take(sid);
  const session = await sessions.liveInEpoch(db, sid, epoch);
  if (session !== undefined)
    return admin ? issueAdminToken(context, session) : issueAccessToken(context, session, scope);
  const [state] = await sessions.inspect([sid]);
  throw fail(state?.alive === false ? errorCodeForEnd(state.reason) : 'session_revoked');
}
