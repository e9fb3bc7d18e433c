import { type ErrorCode, errorCodeForEnd, type Failure, fail } from '@latchkey/contract';
import { randomRetryDelayMs } from '../db/deadline.ts';
import { type RefusedRotation, refusalCode, type TokenPresentation } from '../domain/token/token.ts';
import type { FlowContext } from './context.ts';
import type { Client } from './types.ts';
import { rejectProof } from './verify-proof.ts';

/**
 * Verdicts that ended the session. The feed reports the end to all nodes, and the audit records the age of the token.
 */
const alarms = { reuse: 'token_reused', unknown_generation: 'generation_unknown' } as const;

const alarmMessages = {
  token_reused: 'a replaced session token was shown again, maybe a copy: the session was ended',
  generation_unknown:
    'a session token of an unknown generation was shown, maybe of another backup: the session was ended',
  code_used: 'a redeemed sign-in code was shown again, maybe a copy: the session was ended',
} as const;
type Alarm = keyof typeof alarmMessages;

/** The failure that a refused presentation becomes. Its effect has been committed already. */
export async function rejectPresentation(
  context: Pick<FlowContext, 'audit' | 'db' | 'feed' | 'limits' | 'log' | 'onError' | 'sessions'>,
  presented: TokenPresentation,
  refused: RefusedRotation,
  peer: Client,
): Promise<Failure> {
  const code = await toErrorCode(context, presented, refused.verdict);
  const { sid: session_id, gen: generation } = presented;
  const error = refused.verdict === 'proof' ? proofErrorCode(presented) : code;
  context.log.info({ session_id, generation, error, verdict: refused.verdict }, 'session token refused');
  const alarm = toAlarm(presented, refused);
  if (alarm !== undefined) {
    context.feed.expect(presented.sid, alarm);
    void context.feed.catchUp();
    await raiseAlarm(context, presented, refused, { peer, action: alarm });
  }
  if (refused.verdict === 'moved') void context.feed.catchUp();
  if (refused.verdict === 'proof') {
    const { userId, tenantId } = refused;
    return rejectProof(context, { sid: presented.sid, userId, tenantId }, proofErrorCode(presented), peer);
  }
  const isVoid = refused.verdict === 'late' || refused.verdict === 'moved';
  return fail(code, isVoid ? { detail: refused.verdict, retryAfterMs: randomRetryDelayMs() } : retryOptions[code]);
}

/** A session that ran out while its socket was open is settled like an ended one: its row says by which limit. */
async function toErrorCode(
  { sessions, feed }: Pick<FlowContext, 'feed' | 'sessions'>,
  presented: TokenPresentation,
  verdict: RefusedRotation['verdict'],
): Promise<ErrorCode> {
  if (verdict !== 'revoked' || presented.kind === 'code') return refusalCode(verdict, presented.kind);
  const known = feed.reason(presented.sid);
  if (known !== undefined) return errorCodeForEnd(known);
  const [state] = await sessions.inspect([presented.sid]);
  return state?.alive === false ? errorCodeForEnd(state.reason) : 'session_revoked';
}

const proofErrorCode = ({ jkt }: TokenPresentation) => (jkt === null ? 'proof_required' : 'proof_invalid');

const retryOptions: Partial<Record<string, { retryAfterMs: number }>> = {
  busy: { retryAfterMs: 100 },
  rotation_contended: { retryAfterMs: 300 },
  rotation_superseded: { retryAfterMs: 100 },
  rate_limited: { retryAfterMs: 5_000 },
};

function toAlarm({ kind }: TokenPresentation, { verdict }: RefusedRotation): Alarm | undefined {
  if (verdict !== 'reuse' && verdict !== 'unknown_generation') return undefined;
  return kind === 'code' && verdict === 'reuse' ? 'code_used' : alarms[verdict];
}

async function raiseAlarm(
  context: Pick<FlowContext, 'audit' | 'db' | 'log' | 'onError'>,
  presented: TokenPresentation,
  refused: RefusedRotation,
  { peer, action }: { peer: Client; action: Alarm },
): Promise<void> {
  const { userId, tenantId } = refused;
  const ids = { session_id: presented.sid, user_id: userId, tenant_id: tenantId };
  context.log.warn(
    { error: action, ...ids, generation: presented.gen, newest: refused.generation },
    alarmMessages[action],
  );
  await context.audit
    .record(context.db, {
      action,
      tenantId: refused.tenantId,
      userId: refused.userId,
      sid: presented.sid,
      addressPrefix: peer.addressPrefix,
      detail: { presented: presented.gen, current: refused.generation },
    })
    .catch(context.onError);
}
