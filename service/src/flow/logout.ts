import type { Ended, EndReason, LogoutScope } from '@latchkey/contract';
import type { EndTarget } from '../domain/session/session.ts';
import { heardHere } from './heard-here.ts';
import type { FlowNeeds } from './needs.ts';

/** Ends this session, the user's others, or all of them; resolves after the commit. */
export async function logout(needs: FlowNeeds, sid: string, scope: LogoutScope): Promise<Ended> {
  const session = await needs.sessions.live(needs.db, sid);
  if (session === undefined) return { ended: 0 };
  const { userId } = session;
  const mine: EndTarget = { sid, userId };
  const others: EndTarget = { userId, except: sid };
  const ended = [
    ...(scope === 'session' ? [] : await end(needs, others, 'ended_elsewhere')),
    ...(scope === 'others' ? [] : await end(needs, mine, 'logout')),
  ];
  const action = scope === 'others' ? 'sessions_ended' : 'logout';
  await needs.audit
    .record(needs.db, { action, tenantId: session.tenantId, userId, sid, detail: { scope, ended: ended.length } })
    .catch(needs.onError);
  return { ended: ended.length };
}

async function end(needs: FlowNeeds, target: EndTarget, reason: EndReason): Promise<string[]> {
  const ended = await needs.sessions.end(needs.db, target, reason);
  if (ended.length > 0) await heardHere(needs);
  return ended;
}
