import { tokenTypes } from '@latchkey/contract';
import { peekJwtHeader } from '@latchkey/core/internal';
import type { Deadline } from '../db/deadline.ts';
import type { ExchangeContext } from './context.ts';
import { redeem } from './redeem.ts';
import { rotate } from './rotate.ts';
import { timestampFailures } from './timestamp-failures.ts';
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
  return timestampFailures(context, () =>
    header?.typ === tokenTypes.code
      ? redeem(context, { ...request, header }, requestTarget, deadline)
      : rotate(context, { ...request, header }, requestTarget, deadline),
  );
}
