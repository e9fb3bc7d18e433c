import { errorCodeForEnd, fail } from '@latchkey/contract';
import type { AccessGrant } from '@latchkey/core';
import type { LiveSession } from '../domain/session/session.ts';
import { assertOperator } from './admin/actor.ts';
import type { FlowContext } from './context.ts';
import { issueAccessToken, toAccessGrant } from './grant.ts';

/** What an access token is made with. */
export type RefreshContext = Pick<
  FlowContext,
  'config' | 'databaseClock' | 'db' | 'hooks' | 'limits' | 'operators' | 'sessions' | 'tokens' | 'users'
>;

/** Options of the access token: `admin` for one that `/admin` accepts. */
export interface RefreshOptions {
  readonly admin?: boolean | undefined;
  /** Fewer scopes than the session has, for this access token (RFC 6749 §6). */
  readonly scope?: string | undefined;
}

/**
 * Issues a new access token without a rotation. The session only has to be live.
 *
 * @throws rate_limited · unavailable · invalid_scope · the code of the session's end, such as session_revoked
 */
export async function refresh(
  context: RefreshContext,
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

/** How long ago an operator may have shown the password, in seconds. */
const maxSignInAgeSeconds = 12 * 3_600;

/**
 * A token for `/admin`, for an operator's live session. No hook shapes it.
 *
 * @throws forbidden the user is no operator · reauthentication_required signed in more than twelve hours ago
 */
async function issueAdminToken(
  context: Pick<FlowContext, 'db' | 'operators' | 'tokens'>,
  session: LiveSession,
): Promise<AccessGrant> {
  await assertOperator(context, session.sid);
  if (session.readAtMs / 1_000 - session.authTime > maxSignInAgeSeconds) throw fail('reauthentication_required');
  const claims = context.tokens.adminClaims(session);
  return toAccessGrant(session, claims, await context.tokens.signAccess(claims));
}
