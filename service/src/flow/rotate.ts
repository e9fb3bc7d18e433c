import { fail } from '@latchkey/contract';
import type { Deadline } from '../db/deadline.ts';
import { rotationKeyHashes } from '../domain/token/rotation-key.ts';
import { isGranted } from '../domain/token/token.ts';
import type { ExchangeContext, FlowContext } from './context.ts';
import { issueGrant } from './grant.ts';
import { grantedScope } from './granted-scope.ts';
import { markFailuresVerified } from './mark-failures-verified.ts';
import { rejectPresentation } from './reject-presentation.ts';
import type { CredentialRequest, ExchangeResult } from './types.ts';
import { type ProofRequestTarget, verifyProof } from './verify-proof.ts';

/** A session token for the next one: the row of its session decides, in one statement with others. */
export async function rotate(
  context: ExchangeContext,
  request: CredentialRequest,
  requestTarget: ProofRequestTarget,
  { until, epoch }: Deadline,
): Promise<ExchangeResult> {
  const { tokens } = context;
  if (request.codeVerifier !== undefined) throw fail('invalid_request', { message: 'A token has no code_verifier.' });
  const token = await tokens.readSession(request.credential, request.header);
  return markFailuresVerified(async () => {
    if (request.expectedSid !== undefined && request.expectedSid !== token.sid) throw fail('already_authenticated');
    const presented = {
      ...token,
      keys: rotationKeyHashes(token.sid, request.rotationKey, request.alsoRotationKeys),
      jkt: await verifyProof(context, request, requestTarget, { sid: token.sid }),
      kind: request.rotationKey === undefined ? ('plain' as const) : ('keyed' as const),
      until,
      epoch,
    };
    if (request.scope !== undefined) await assertScopeWithinSession(context, token.sid, request.scope);
    const rotation = await tokens.present(presented, request.isDisconnected);
    if (!isGranted(rotation)) throw await rejectPresentation(context, presented, rotation, request.peer);
    if (rotation.verdict === 'rotate') context.traffic.count('rotations');
    return issueGrant(context, rotation.session, request.scope);
  });
}

/** Before the rotation: a client that gets no answer would have lost its token. @throws invalid_scope */
async function assertScopeWithinSession(
  context: Pick<FlowContext, 'config' | 'db' | 'hooks' | 'sessions' | 'users'>,
  sid: string,
  scope: string,
): Promise<void> {
  const session = await context.sessions.live(context.db, sid);
  if (session !== undefined) await grantedScope(context, session, scope);
}
