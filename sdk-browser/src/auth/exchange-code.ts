import type { SessionUser } from '@latchkey/contract';
import type { CodeExchange, PendingCode } from '../tokens/code-exchange.ts';

export interface ExchangeCodeDeps {
  readonly codeExchange: Pick<CodeExchange, 'begin'>;
  readonly controller: { resume(): void };
}

/** Redeems a code on the socket. Resolves with the user after the token is stored. Rejects with `unavailable` after `timeoutMs`. */
export function exchangeCode(
  { codeExchange, controller }: ExchangeCodeDeps,
  pending: PendingCode,
  timeoutMs: number,
): Promise<SessionUser> {
  const redeemed = codeExchange.begin(pending, timeoutMs);
  controller.resume();
  return redeemed;
}
