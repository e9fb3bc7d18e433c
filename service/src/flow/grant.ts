import type { AccessClaims } from '@latchkey/contract';
import type { AccessGrant } from '@latchkey/core';
import { type LiveSession, remainingSeconds } from '../domain/session/session.ts';
import { peekJwtTimes } from '../domain/token/jwt-times.ts';
import type { FlowContext } from './context.ts';
import { grantedScope } from './granted-scope.ts';
import { now } from './now.ts';
import type { ExchangeResult } from './types.ts';

/**
 * An access token for a session that a statement has just proved alive.
 *
 * @param requestedScope fewer scopes than the session has, for this access token
 * @throws invalid_scope
 */
export async function issueAccessToken(
  context: Pick<FlowContext, 'config' | 'db' | 'hooks' | 'tokens' | 'users'>,
  session: LiveSession,
  requestedScope?: string,
): Promise<AccessGrant> {
  const { tokens, hooks } = context;
  const claims = tokens.accessClaims(session, await grantedScope(context, session, requestedScope));
  const accessToken = await hooks.refresh(claims, (shaped) =>
    tokens.signAccess({ ...claims, exp: Math.min(claims.exp, Number(shaped.exp ?? claims.exp)) }, shaped),
  );
  return toAccessGrant(session, { ...claims, exp: peekJwtTimes(accessToken).exp }, accessToken);
}

/** The answer's part about an access token. */
export function toAccessGrant(
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
export async function issueGrant(
  context: Pick<FlowContext, 'config' | 'databaseClock' | 'db' | 'hooks' | 'tokens' | 'users'>,
  session: LiveSession,
  requestedScope?: string,
): Promise<ExchangeResult> {
  const access = await issueAccessToken(context, session, requestedScope);
  return {
    ...access,
    isBound: session.jkt !== null,
    sid: session.sid,
    userId: session.userId,
    tenantId: session.tenantId,
    generation: session.gen,
    token: context.tokens.signSession(session),
    rotateInSeconds: context.config.rotateInSecs,
    idleTimeoutInSeconds: session.idleSeconds,
    claims: session.claims,
    serverTimeMs: Math.floor(session.readAtMs),
    nowMs: now(context),
  };
}
