import type { AccessClaims } from '@latchkey/contract';
import type { AccessGrant } from '@latchkey/sdk-server';
import { type LiveSession, remainingSeconds } from '../domain/session/session.ts';
import { lifespanOf } from '../domain/token/lifespan.ts';
import { grantedScope } from './granted-scope.ts';
import type { FlowNeeds } from './needs.ts';
import { nowOf } from './timed.ts';
import type { Exchanged } from './types.ts';

/**
 * An access token for a session that a statement has just proved alive.
 *
 * @param asked fewer scopes than the session has, for this access token
 * @throws invalid_scope
 */
export async function grantAccess(needs: FlowNeeds, session: LiveSession, asked?: string): Promise<AccessGrant> {
  const { tokens, hooks } = needs;
  const claims = tokens.accessClaims(session, await grantedScope(needs, session, asked));
  const accessToken = await hooks.refresh(claims, (shaped) =>
    tokens.signAccess({ ...claims, exp: Math.min(claims.exp, Number(shaped.exp ?? claims.exp)) }, shaped),
  );
  return accessGrantOf(session, { ...claims, exp: lifespanOf(accessToken).exp }, accessToken);
}

/** What is told of a signed access token. */
export function accessGrantOf(
  session: LiveSession,
  { exp, iat, scope = '' }: AccessClaims,
  accessToken: string,
): AccessGrant {
  const life = exp - iat;
  const { absolute, idle } = remainingSeconds(session);
  return {
    accessToken,
    accessTokenExpiresInSeconds: life,
    scope,
    // 80 % of its life, minus jitter, so that the tabs of a city do not ask in one second.
    refreshInSeconds: Math.max(1, Math.floor(life * (0.8 - 0.1 * Math.random()))),
    expiresInSeconds: absolute,
    idleExpiresInSeconds: idle,
  };
}

/** Everything a client gets after a redemption or a rotation. */
export async function grantSession(needs: FlowNeeds, session: LiveSession, asked?: string): Promise<Exchanged> {
  const access = await grantAccess(needs, session, asked);
  return {
    ...access,
    isBound: session.jkt !== null,
    sid: session.sid,
    userId: session.userId,
    tenantId: session.tenantId,
    generation: session.gen,
    token: needs.tokens.signSession(session),
    rotateInSeconds: needs.config.rotateInSecs,
    idleTimeoutInSeconds: session.idleSeconds,
    claims: session.claims,
    serverTimeMs: Math.floor(session.provedAtMs),
    nowMs: nowOf(needs.databaseClock),
  };
}
