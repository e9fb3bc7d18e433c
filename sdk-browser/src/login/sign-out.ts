import { type Ended, endsJar, Failure, type LogoutScope } from '@latchkey/contract';
import { paths } from '../fetch/paths.ts';
import type { LogoutInput } from '../session.ts';
import type { Core } from '../session-core.ts';
import type { HeldToken } from '../storage/token.ts';

function saysOver(cause: unknown): boolean {
  return cause instanceof Failure && (endsJar(cause.code) || cause.code === 'unauthenticated');
}

/** The session's own token is enough, and needs no proof: who has lost the key can leave, too. */
async function revoke({ http }: Core, { token }: HeldToken): Promise<Ended> {
  await http.postForm(paths.oauthRevoke, { token });
  return { ended: 1 };
}

async function endOverHttp(core: Core, held: HeldToken, scope: LogoutScope): Promise<Ended> {
  if (scope === 'session') return revoke(core, held);
  if (core.access.live() === undefined) await core.renew();
  return core.http.postJson<Ended>(paths.logout, { scope }, core.access.live());
}

async function endThere(core: Core, held: HeldToken, scope: LogoutScope): Promise<Ended> {
  if (core.conversation.liveSid !== held.sid) return endOverHttp(core, held, scope);
  try {
    return await core.calls.logout(scope);
  } catch (cause) {
    if (core.conversation.liveSid === held.sid || isOver(core, held)) throw cause;
    return endOverHttp(core, held, scope);
  }
}

/** Another tab heard of the end, and emptied the jar, before the answer reached this one. */
function isOver({ jar }: Core, { sid }: HeldToken): boolean {
  return jar.read()?.sid !== sid && jar.endOf(sid) !== undefined;
}

async function leave(core: Core, held: HeldToken, { scope = 'session', force = false }: LogoutInput): Promise<Ended> {
  const isMine = scope !== 'others';
  const ended = await endThere(core, held, scope).catch((cause: unknown) => {
    if (isMine && isOver(core, held)) return { ended: 1 };
    if (isMine && (force || (scope === 'session' && saysOver(cause)))) return { ended: 0 };
    throw cause;
  });
  if (isMine) core.jar.erase(held.sid, 'logout');
  return ended;
}

/** Storage was emptied by others; the connection may live on for all that. */
async function leaveLive({ calls, conversation }: Core, { scope = 'session' }: LogoutInput): Promise<Ended> {
  return conversation.liveSid === undefined ? { ended: 0 } : calls.logout(scope);
}

/** Ends the session there, then here; see `Session.logout`. */
export async function signOut(core: Core, input: LogoutInput): Promise<Ended> {
  const held = core.jar.read();
  return core.course.followAfter(() => (held === undefined ? leaveLive(core, input) : leave(core, held, input)));
}
