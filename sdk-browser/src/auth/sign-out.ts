import { assertOptions, type EndedSessions, type LogoutScope, type OptionNames } from '@latchkey/contract';
import type { Authenticator } from '../connection/authenticator.ts';
import type { ProtocolCalls } from '../connection/calls.ts';
import type { HttpClient } from '../http/http-client.ts';
import { servicePaths } from '../http/paths.ts';
import { isSessionEndedError } from '../platform/fail.ts';
import type { AccessTokenStore } from '../tokens/access-token-store.ts';
import type { StoredToken } from '../tokens/token.ts';
import type { TokenStore } from '../tokens/token-store.ts';

/** Input of {@link Session.logout}. */
export interface LogoutInput {
  /** `session` (default), `others`: the other sessions of the user, or `all`. */
  readonly scope?: LogoutScope;
  /** Erases the token in this browser even if the service cannot be reached. Default: false. */
  readonly force?: boolean;
}

interface SignOutDeps {
  readonly http: HttpClient;
  readonly access: Pick<AccessTokenStore, 'getValid'>;
  readonly authenticator: Pick<Authenticator, 'liveSessionId'>;
  readonly calls: Pick<ProtocolCalls, 'logout'>;
  readonly tokenStore: TokenStore;
  /** Adopts changes of other tabs only after `work`. */
  adoptAfter<Result>(work: () => Promise<Result>): Promise<Result>;
  renew(): Promise<void>;
}

const names: OptionNames<LogoutInput> = { scope: true, force: 'boolean' };

/** Revokes the token. The endpoint needs no proof, so that a session whose key is lost can be ended, too. */
async function revoke({ http }: SignOutDeps, { token }: StoredToken): Promise<EndedSessions> {
  await http.postForm(servicePaths.oauthRevoke, { token });
  return { ended: 1 };
}

async function endOverHttp(deps: SignOutDeps, held: StoredToken, scope: LogoutScope): Promise<EndedSessions> {
  if (scope === 'session') return revoke(deps, held);
  if (deps.access.getValid() === undefined) await deps.renew();
  return deps.http.postJson<EndedSessions>(servicePaths.logout, { scope }, deps.access.getValid());
}

async function endAtService(deps: SignOutDeps, held: StoredToken, scope: LogoutScope): Promise<EndedSessions> {
  if (deps.authenticator.liveSessionId !== held.sid) return endOverHttp(deps, held, scope);
  try {
    return await deps.calls.logout(scope);
  } catch (cause) {
    if (deps.authenticator.liveSessionId === held.sid || isEndedElsewhere(deps, held.sid)) throw cause;
    return endOverHttp(deps, held, scope);
  }
}

/** True if another tab has received the end and erased the token before the answer reached this tab. */
function isEndedElsewhere({ tokenStore }: SignOutDeps, sid: string): boolean {
  return tokenStore.read()?.sid !== sid && tokenStore.getEndReason(sid) !== undefined;
}

async function endAndForget(
  deps: SignOutDeps,
  sid: string,
  end: (scope: LogoutScope) => Promise<EndedSessions>,
  { scope = 'session', force = false }: LogoutInput,
): Promise<EndedSessions> {
  const isMine = scope !== 'others';
  const ended = await end(scope).catch((cause: unknown) => {
    if (isMine && isEndedElsewhere(deps, sid)) return { ended: 1 };
    if (isMine && (force || (scope === 'session' && isSessionEndedError(cause)))) return { ended: 0 };
    throw cause;
  });
  if (isMine) deps.tokenStore.erase(sid, 'logout');
  return ended;
}

/** Ends the session at the service, then erases its token. See `Session.logout`. */
export async function signOut(deps: SignOutDeps, input: LogoutInput): Promise<EndedSessions> {
  assertOptions('logout', input, names);
  const { adoptAfter, calls, authenticator, tokenStore } = deps;
  const held = tokenStore.read();
  if (held !== undefined)
    return adoptAfter(() => endAndForget(deps, held.sid, (how) => endAtService(deps, held, how), input));
  // The storage was cleared by another script, but the connection may still be authenticated.
  const sid = authenticator.liveSessionId;
  return adoptAfter(async () => (sid === undefined ? { ended: 0 } : endAndForget(deps, sid, calls.logout, input)));
}
