import { fail, hasScope, parseScope } from '@latchkey/contract';
import type { LiveSession } from '../domain/session/session.ts';
import type { User } from '../domain/user/user.ts';
import type { FlowNeeds } from './needs.ts';

const howToAllow = 'set LATCHKEY_DEFAULT_SCOPES or the hook scopes to allow more';

/**
 * The scopes of a session's next access token, separated by spaces: what the user may have now, as far as the sign-in
 * asked for it (RFC 6749 §3.3), and as far as the refresh does, when it asks (§6).
 *
 * @param asked of this access token only
 * @throws invalid_scope `asked` is more than the session has
 */
export async function grantedScope(
  needs: FlowNeeds,
  { userId, scope }: Pick<LiveSession, 'userId' | 'scope'>,
  asked?: string,
): Promise<string> {
  const allowed = await allowedScopes(needs, async () => needs.users.find(needs.db, userId));
  const granted = allowed.filter((one) => scope === null || hasScope(scope, one));
  return asked === undefined ? granted.join(' ') : narrowed(granted, asked);
}

/**
 * Refuses a sign-in that asks for scopes of which the user may have none. Some of them are enough: the answer says which
 * were granted.
 *
 * @throws invalid_scope
 */
export async function assertSomeScope(needs: FlowNeeds, user: User, asked: string | undefined): Promise<void> {
  if (asked === undefined) return;
  const allowed = await allowedScopes(needs, async () => user);
  if (!allowed.some((one) => hasScope(asked, one)))
    throw needs.causes.failure('scopes_refused', 'invalid_scope', {}, { scope: asked.slice(0, 256) });
}

function narrowed(granted: readonly string[], asked: string): string {
  const wanted = parseScope(asked);
  if (wanted?.every((one) => granted.includes(one))) return wanted.join(' ');
  throw fail('invalid_scope', { detail: `the refresh asks for more than the session has; ${howToAllow}` });
}

/** The user is read only where a hook wants it. */
async function allowedScopes(
  { hooks, config }: FlowNeeds,
  findUser: () => Promise<User | undefined>,
): Promise<readonly string[]> {
  if (hooks.scopes === undefined) return config.defaultScopes;
  const user = await findUser();
  return user === undefined ? [] : hooks.scopes(user);
}
