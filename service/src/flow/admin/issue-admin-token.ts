import { fail } from '@latchkey/contract';
import type { AccessGrant } from '@latchkey/core';
import type { LiveSession } from '../../domain/session/session.ts';
import type { FlowContext } from '../context.ts';
import { toAccessGrant } from '../grant.ts';
import { assertOperator } from './actor.ts';

/** How long ago an operator may have shown the password, in seconds. */
const maxSignInAgeSeconds = 12 * 3_600;

/**
 * A token for `/admin`, for an operator's live session. No hook shapes it.
 *
 * @throws forbidden the user is no operator · reauthentication_required signed in more than twelve hours ago
 */
export async function issueAdminToken(
  context: Pick<FlowContext, 'db' | 'operators' | 'tokens'>,
  session: LiveSession,
): Promise<AccessGrant> {
  await assertOperator(context, session.sid);
  if (session.readAtMs / 1_000 - session.authTime > maxSignInAgeSeconds) throw fail('reauthentication_required');
  const claims = context.tokens.adminClaims(session);
  return toAccessGrant(session, claims, await context.tokens.signAccess(claims));
}
