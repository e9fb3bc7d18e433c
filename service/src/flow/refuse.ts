import { type Failure, fail } from '@latchkey/contract';
import type { Peer } from '@latchkey/sdk-server';
import { type Presentation, type Refused, refusalCode } from '../domain/token/token.ts';
import type { FlowNeeds } from './needs.ts';
import { addressPrefix } from './peer.ts';
import { refuseProof } from './proved-key.ts';

/** Verdicts that ended the session: the whole cluster hears of it, and the audit keeps how old the shown token was. */
const alarms = { reuse: 'token_reused', unknown_generation: 'generation_unknown' } as const;

/** The failure that a refused presentation becomes. Its effect has been committed already. */
export async function refuse(needs: FlowNeeds, shown: Presentation, refused: Refused, peer: Peer): Promise<Failure> {
  const code = refusalCode(refused.verdict, shown.kind);
  if (refused.verdict === 'reuse' || refused.verdict === 'unknown_generation') {
    void needs.feed.catchUp();
    await raiseAlarm(needs, shown, refused, peer);
  }
  if (refused.verdict === 'proof') {
    const { userId, tenantId } = refused;
    return refuseProof(needs, { sid: shown.sid, userId, tenantId }, whatIsWrong(shown), peer);
  }
  const isLate = refused.verdict === 'late';
  return fail(code, isLate ? { detail: 'late', retryAfterMs: jitter() } : retryOptions[code]);
}

/** Those who came late came together, behind one stall: they ask again spread over this many ms. */
const spreadMs = 300;
const jitter = () => Math.floor(Math.random() * (spreadMs + 1));

const whatIsWrong = ({ jkt }: Presentation) => (jkt === null ? 'proof_required' : 'proof_invalid');

const retryOptions: Partial<Record<string, { retryAfterMs: number }>> = {
  busy: { retryAfterMs: 100 },
  rotation_contended: { retryAfterMs: 300 },
  rotation_superseded: { retryAfterMs: 100 },
  rate_limited: { retryAfterMs: 5_000 },
};

async function raiseAlarm(needs: FlowNeeds, shown: Presentation, refused: Refused, peer: Peer): Promise<void> {
  const action =
    shown.kind === 'code' && refused.verdict === 'reuse' ? 'code_used' : alarms[refused.verdict as keyof typeof alarms];
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
