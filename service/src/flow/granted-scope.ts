import { fail, hasScope, parseScope } from '@latchkey/contract';
import type { LiveSession } from '../domain/session/session.ts';
import type { User } from '../domain/user/user.ts';
import type { FlowContext } from './context.ts';

const howToAllow = 'set LATCHKEY_DEFAULT_SCOPES or the hook scopes to allow more';

/**
 * The scopes of a session's next access token, separated by spaces: what the user may have now, as far as the sign-in
 * asked for it (RFC 6749 §3.3), and as far as the refresh does, when it asks (§6).
 *
 * @param requestedScope of this access token only
 * @throws invalid_scope `asked` is more than the session has
 */
export async function grantedScope(
  context: Pick<FlowContext, 'config' | 'db' | 'hooks' | 'users'>,
  { userId, scope }: Pick<LiveSession, 'userId' | 'scope'>,
  requestedScope?: string,
): Promise<string> {
  const allowed = await allowedScopes(context, async () => context.users.find(context.db, userId));
  const granted = allowed.filter((one) => scope === null || hasScope(scope, one));
  return requestedScope === undefined ? granted.join(' ') : narrowScope(granted, requestedScope);
}

/**
 * Refuses a sign-in that asks for scopes of which the user may have none. Some of them are enough: the answer says which
 * were granted.
 *
 * @throws invalid_scope
 */
export async function assertAnyScopeAllowed(
  context: Pick<FlowContext, 'causes' | 'config' | 'hooks'>,
  user: User,
  requestedScope: string | undefined,
): Promise<void> {
  if (requestedScope === undefined) return;
  const allowed = await allowedScopes(context, async () => user);
  if (!allowed.some((one) => hasScope(requestedScope, one)))
    throw context.causes.failure('scopes_refused', 'invalid_scope', {}, { scope: requestedScope.slice(0, 256) });
}

function narrowScope(granted: readonly string[], requestedScope: string): string {
  const requested = parseScope(requestedScope);
  if (requested?.every((one) => granted.includes(one))) return requested.join(' ');
  throw fail('invalid_scope', { detail: `the refresh asks for more than the session has; ${howToAllow}` });
}

/** The user is read only where a hook wants it. */
async function allowedScopes(
  { hooks, config }: Pick<FlowContext, 'config' | 'hooks'>,
  findUser: () => Promise<User | undefined>,
): Promise<readonly string[]> {
  if (hooks.scopes === undefined) return config.defaultScopes;
  const user = await findUser();
  return user === undefined ? [] : hooks.scopes(user);
}
