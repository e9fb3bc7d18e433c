import type { SessionCore } from '../session-core.ts';
import type { SessionUser } from '../session-state.ts';
import type { PendingCode } from './code-exchange.ts';

/** Redeems a code on the socket. Resolves with the user after the token is stored. Rejects with `unavailable` after `timeoutMs`. */
export function exchangeCode(core: SessionCore, pending: PendingCode, timeoutMs: number): Promise<SessionUser> {
  const redeemed = core.codeExchange.begin(pending, timeoutMs);
  core.controller.resume();
  return redeemed;
}
