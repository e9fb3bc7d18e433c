import { fail } from '@latchkey/contract';
import type { AccessGrant } from '@latchkey/sdk-server';
import type { LiveSession } from '../../domain/session/session.ts';
import { accessGrantOf } from '../grant.ts';
import type { FlowNeeds } from '../needs.ts';
import { assertOperator } from './actor.ts';

/** How long ago an operator may have shown the password, in seconds. */
const signInSeconds = 12 * 3_600;

/**
 * A token for `/admin`, for an operator's live session. No hook shapes it.
 *
 * @throws forbidden the user is no operator · reauthentication_required signed in more than twelve hours ago
 */
export async function grantAdmin(needs: FlowNeeds, session: LiveSession): Promise<AccessGrant> {
  await assertOperator(needs, session.sid);
  if (session.provedAtMs / 1_000 - session.authTime > signInSeconds) throw fail('reauthentication_required');
  const claims = needs.tokens.adminClaims(session);
  return accessGrantOf(session, claims, await needs.tokens.signAccess(claims));
}
