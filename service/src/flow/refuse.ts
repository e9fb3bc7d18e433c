import { type ErrorCode, endCode, type Failure, fail } from '@latchkey/contract';
import type { Peer } from '@latchkey/sdk-server';
import { retryAfterMs } from '../db/deadline.ts';
import { type Presentation, type Refused, refusalCode } from '../domain/token/token.ts';
import type { FlowNeeds } from './needs.ts';
import { addressPrefix } from './peer.ts';
import { refuseProof } from './proved-key.ts';

/** Verdicts that ended the session: the whole cluster hears of it, and the audit keeps how old the shown token was. */
const alarms = { reuse: 'token_reused', unknown_generation: 'generation_unknown' } as const;

const sentences = {
  token_reused: 'a replaced session token was shown again, maybe a copy: the session was ended',
  generation_unknown:
    'a session token of an unknown generation was shown, maybe of another backup: the session was ended',
  code_used: 'a redeemed sign-in code was shown again, maybe a copy: the session was ended',
} as const;
type Alarm = keyof typeof sentences;

/** The failure that a refused presentation becomes. Its effect has been committed already. */
export async function refuse(needs: FlowNeeds, shown: Presentation, refused: Refused, peer: Peer): Promise<Failure> {
  const code = await codeOf(needs, shown, refused.verdict);
  const alarm = alarmOf(shown, refused);
  if (alarm !== undefined) {
    needs.feed.expect(shown.sid, alarm);
    void needs.feed.catchUp();
    await raiseAlarm(needs, shown, refused, { peer, action: alarm });
  }
  if (refused.verdict === 'moved') void needs.feed.catchUp();
  if (refused.verdict === 'proof') {
    const { userId, tenantId } = refused;
    return refuseProof(needs, { sid: shown.sid, userId, tenantId }, whatIsWrong(shown), peer);
  }
  const isVoid = refused.verdict === 'late' || refused.verdict === 'moved';
  return fail(code, isVoid ? { detail: refused.verdict, retryAfterMs: retryAfterMs() } : retryOptions[code]);
}

/** A session that ran out while its socket was open is settled like an ended one: its row says by which limit. */
async function codeOf(
  { sessions, feed }: FlowNeeds,
  shown: Presentation,
  verdict: Refused['verdict'],
): Promise<ErrorCode> {
  if (verdict !== 'revoked' || shown.kind === 'code') return refusalCode(verdict, shown.kind);
  const known = feed.reason(shown.sid);
  if (known !== undefined) return endCode(known);
  const [state] = await sessions.inspect([shown.sid]);
  return state?.alive === false ? endCode(state.reason) : 'session_revoked';
}

const whatIsWrong = ({ jkt }: Presentation) => (jkt === null ? 'proof_required' : 'proof_invalid');

const retryOptions: Partial<Record<string, { retryAfterMs: number }>> = {
  busy: { retryAfterMs: 100 },
  rotation_contended: { retryAfterMs: 300 },
  rotation_superseded: { retryAfterMs: 100 },
  rate_limited: { retryAfterMs: 5_000 },
};

function alarmOf({ kind }: Presentation, { verdict }: Refused): Alarm | undefined {
  if (verdict !== 'reuse' && verdict !== 'unknown_generation') return undefined;
  return kind === 'code' && verdict === 'reuse' ? 'code_used' : alarms[verdict];
}

async function raiseAlarm(
  needs: FlowNeeds,
  shown: Presentation,
  refused: Refused,
  { peer, action }: { peer: Peer; action: Alarm },
): Promise<void> {
  const { userId, tenantId } = refused;
  const ids = { session_id: shown.sid, user_id: userId, tenant_id: tenantId };
  needs.log.warn({ error: action, ...ids, generation: shown.gen, newest: refused.generation }, sentences[action]);
  await needs.audit
    .record(needs.db, {
      action,
      tenantId: refused.tenantId,
      userId: refused.userId,
      sid: shown.sid,
      addressPrefix: addressPrefix(peer.address),
      detail: { shown: shown.gen, stands: refused.generation },
    })
    .catch(needs.onError);
}
