import {
  assertOptions,
  type EndedSessions,
  Failure,
  type LogoutScope,
  type OptionNames,
  shouldClearToken,
} from '@latchkey/contract';
import { servicePaths } from '../fetch/paths.ts';
import type { LogoutInput } from '../session.ts';
import type { SessionCore } from '../session-core.ts';
import type { StoredToken } from '../storage/token.ts';

const names: OptionNames<LogoutInput> = { scope: true, force: 'boolean' };

function isSessionEndedError(cause: unknown): boolean {
  return cause instanceof Failure && (shouldClearToken(cause.code) || cause.code === 'unauthenticated');
}

/** Revokes the token. The endpoint needs no proof, so that a session whose key is lost can be ended, too. */
async function revoke({ http }: SessionCore, { token }: StoredToken): Promise<EndedSessions> {
  await http.postForm(servicePaths.oauthRevoke, { token });
  return { ended: 1 };
}

async function endOverHttp(core: SessionCore, held: StoredToken, scope: LogoutScope): Promise<EndedSessions> {
  if (scope === 'session') return revoke(core, held);
  if (core.access.getValid() === undefined) await core.renew();
  return core.http.postJson<EndedSessions>(servicePaths.logout, { scope }, core.access.getValid());
}

async function endAtService(core: SessionCore, held: StoredToken, scope: LogoutScope): Promise<EndedSessions> {
  if (core.authenticator.liveSessionId !== held.sid) return endOverHttp(core, held, scope);
  try {
    return await core.calls.logout(scope);
  } catch (cause) {
    if (core.authenticator.liveSessionId === held.sid || isEndedElsewhere(core, held.sid)) throw cause;
    return endOverHttp(core, held, scope);
  }
}

/** True if another tab has received the end and erased the token before the answer reached this tab. */
function isEndedElsewhere({ tokenStore }: SessionCore, sid: string): boolean {
  return tokenStore.read()?.sid !== sid && tokenStore.getEndReason(sid) !== undefined;
}

async function endAndForget(
  core: SessionCore,
  sid: string,
  end: (scope: LogoutScope) => Promise<EndedSessions>,
  { scope = 'session', force = false }: LogoutInput,
): Promise<EndedSessions> {
  const isMine = scope !== 'others';
  const ended = await end(scope).catch((cause: unknown) => {
    if (isMine && isEndedElsewhere(core, sid)) return { ended: 1 };
    if (isMine && (force || (scope === 'session' && isSessionEndedError(cause)))) return { ended: 0 };
    throw cause;
  });
  if (isMine) core.tokenStore.erase(sid, 'logout');
  return ended;
}

/** Ends the session at the service, then erases its token. See `Session.logout`. */
export async function signOut(core: SessionCore, input: LogoutInput): Promise<EndedSessions> {
  assertOptions('logout', input, names);
  const { controller, calls, authenticator, tokenStore } = core;
  const held = tokenStore.read();
  if (held !== undefined)
    return controller.adoptAfter(() => endAndForget(core, held.sid, (how) => endAtService(core, held, how), input));
  // The storage was cleared by another script, but the connection may still be authenticated.
  const sid = authenticator.liveSessionId;
  return controller.adoptAfter(async () =>
    sid === undefined ? { ended: 0 } : endAndForget(core, sid, calls.logout, input),
  );
}
