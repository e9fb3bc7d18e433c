import { paths } from '../fetch/paths.ts';
import type { Core } from '../session-core.ts';
import type { SessionUser } from '../session-state.ts';
import type { PendingCode } from './redemption.ts';

/** Ends the session that stood here before (OWASP ASVS 7.2.4); if that fails it dies by its limits. */
function endPrevious({ http }: Core, token: string): void {
  http.postForm(paths.oauthRevoke, { token }).catch(() => {});
}

/** Redeems a code on the socket, and resolves once the token is stored; `unavailable` after `patienceMs`. */
export async function redeemCode(core: Core, pending: PendingCode, patienceMs: number): Promise<SessionUser> {
  const previous = core.jar.read();
  const redeemed = core.redemption.begin(pending, patienceMs);
  core.course.takeUp();
  const user = await redeemed;
  if (previous !== undefined && previous.sid !== core.state.sessionId) endPrevious(core, previous.token);
  return user;
}
