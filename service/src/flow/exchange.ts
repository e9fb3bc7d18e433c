import { fail, tokenTypes } from '@latchkey/contract';
import type { ExchangeRequest } from '@latchkey/sdk-server';
import type { Deadline } from '../db/deadline.ts';
import { readJwtHeader } from '../domain/token/jwt-header.ts';
import { tagsOf } from '../domain/token/rotation-key.ts';
import { isGranted } from '../domain/token/token.ts';
import { grantSession } from './grant.ts';
import { grantedScope } from './granted-scope.ts';
import type { FlowNeeds } from './needs.ts';
import { type ProofPlace, provedKey } from './proved-key.ts';
import { redeem } from './redeem.ts';
import { refuse } from './refuse.ts';
import { timed } from './timed.ts';
import type { Exchanged } from './types.ts';
import { verified } from './verified.ts';

/** A code or a session token for the next session token: what kind it is, its own header says. */
export async function exchange(
  needs: FlowNeeds,
  request: ExchangeRequest,
  place: ProofPlace,
  deadline: Deadline,
): Promise<Exchanged> {
  const isCode = readJwtHeader(request.credential)?.typ === tokenTypes.code;
  return timed(needs.databaseClock, () => (isCode ? redeem : rotate)(needs, request, place, deadline));
}

async function rotate(
  needs: FlowNeeds,
  request: ExchangeRequest,
  place: ProofPlace,
  { until, epoch }: Deadline,
): Promise<Exchanged> {
  const { tokens } = needs;
  if (request.codeVerifier !== undefined) throw fail('invalid_request', { message: 'A token has no code_verifier.' });
  const token = await tokens.readSession(request.credential);
  return verified(async () => {
    if (request.expectedSid !== undefined && request.expectedSid !== token.sid) throw fail('already_authenticated');
    const shown = {
      ...token,
      keys: tagsOf(token.sid, request.rotationKey, request.alsoRotationKeys),
      jkt: await provedKey(needs, request, place, { sid: token.sid }),
      kind: request.rotationKey === undefined ? ('plain' as const) : ('keyed' as const),
      until,
      epoch,
    };
    if (request.scope !== undefined) await assertNoMoreThan(needs, token.sid, request.scope);
    const rotation = await tokens.present(shown, request.isGone);
    if (!isGranted(rotation)) throw await refuse(needs, shown, rotation, request.peer);
    if (rotation.verdict === 'rotate') needs.traffic.count('rotations');
    return grantSession(needs, rotation.session, request.scope);
  });
}

/** Before the rotation: a client that gets no answer would have lost its token. @throws invalid_scope */
async function assertNoMoreThan(needs: FlowNeeds, sid: string, scope: string): Promise<void> {
  const session = await needs.sessions.live(needs.db, sid);
  if (session !== undefined) await grantedScope(needs, session, scope);
}
