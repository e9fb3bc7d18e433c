import { assertOptions, type Ended, endsJar, Failure, type LogoutScope, type OptionNames } from '@latchkey/contract';
import { paths } from '../fetch/paths.ts';
import type { LogoutInput } from '../session.ts';
import type { Core } from '../session-core.ts';
import type { HeldToken } from '../storage/token.ts';

const names: OptionNames<LogoutInput> = { scope: true, force: 'boolean' };

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
    if (core.conversation.liveSid === held.sid || isOver(core, held.sid)) throw cause;
    return endOverHttp(core, held, scope);
  }
}

/** Another tab heard of the end, and emptied the jar, before the answer reached this one. */
function isOver({ jar }: Core, sid: string): boolean {
  return jar.read()?.sid !== sid && jar.endOf(sid) !== undefined;
}

async function leave(
  core: Core,
  sid: string,
  end: (scope: LogoutScope) => Promise<Ended>,
  { scope = 'session', force = false }: LogoutInput,
): Promise<Ended> {
  const isMine = scope !== 'others';
  const ended = await end(scope).catch((cause: unknown) => {
    if (isMine && isOver(core, sid)) return { ended: 1 };
    if (isMine && (force || (scope === 'session' && saysOver(cause)))) return { ended: 0 };
    throw cause;
  });
  if (isMine) core.jar.erase(sid, 'logout');
  return ended;
}

/** Ends the session there, then here; see `Session.logout`. */
export async function signOut(core: Core, input: LogoutInput): Promise<Ended> {
  assertOptions('logout', input, names);
  const { course, calls, conversation, jar } = core;
  const held = jar.read();
  if (held !== undefined)
    return course.followAfter(() => leave(core, held.sid, (how) => endThere(core, held, how), input));
  // Storage was emptied by others; the connection may live on for all that.
  const sid = conversation.liveSid;
  return course.followAfter(async () => (sid === undefined ? { ended: 0 } : leave(core, sid, calls.logout, input)));
}
