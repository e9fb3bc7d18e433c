import { toFailure, tokenTypes } from '@latchkey/contract';
import { peekJwtHeader } from '@latchkey/core/internal';
import type { Deadline } from '../db/deadline.ts';
import type { ExchangeContext, FlowContext } from './context.ts';
import { now } from './now.ts';
import { redeem } from './redeem.ts';
import { rotate } from './rotate.ts';
import type { CredentialRequest, ExchangeResult } from './types.ts';
import type { ProofRequestTarget } from './verify-proof.ts';

/** A code or a session token for the next session token: what kind it is, its own header says. */
export async function exchangeCredential(
  context: ExchangeContext,
  request: CredentialRequest,
  requestTarget: ProofRequestTarget,
  deadline: Deadline,
): Promise<ExchangeResult> {
  const { header = peekJwtHeader(request.credential) } = request;
  const isCode = header?.typ === tokenTypes.code;
  const result = await timestampFailures(context, () =>
    isCode
      ? redeem(context, { ...request, header }, requestTarget, deadline)
      : rotate(context, { ...request, header }, requestTarget, deadline),
  );
  const { sid: session_id, userId: user_id, generation } = result;
  context.log.info({ session_id, user_id, generation }, isCode ? 'code accepted' : 'session token accepted');
  return result;
}

/** Every failure of `work` carries the database's time, from which the caller counts when it asks again. */
async function timestampFailures<T>(context: Pick<FlowContext, 'databaseClock'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toFailure(error).with({ nowMs: now(context) });
  }
}
