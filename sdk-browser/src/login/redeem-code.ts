import type { Core } from '../session-core.ts';
import type { SessionUser } from '../session-state.ts';
import type { PendingCode } from './redemption.ts';

/** Redeems a code on the socket, and resolves once the token is stored; `unavailable` after `patienceMs`. */
export function redeemCode(core: Core, pending: PendingCode, patienceMs: number): Promise<SessionUser> {
  const redeemed = core.redemption.begin(pending, patienceMs);
  core.course.takeUp();
  return redeemed;
}
