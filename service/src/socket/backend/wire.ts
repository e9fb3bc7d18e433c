import type {
  FeedBatch,
  RelayAccess,
  RelayGrant,
  RelayState,
  TenantLimits,
  UserSessionState,
} from '@latchkey/contract';
import type { AccessGrant, ExchangeRequest, Grant, Liveness } from '@latchkey/sdk-server';
import type { z } from 'zod';
import type { FeedPiece } from '../../domain/blacklist/blacklist-feed.ts';
import type { Whereabouts } from '../../domain/presence/presence-entry.ts';
import type { TenantLimitsChange } from '../../domain/tenant/tenant.ts';
import type { LimitedTenant } from '../../flow/change-tenant.ts';
import type { exchange } from './schema.ts';

export function toRequest(wire: z.output<typeof exchange>, isGone: () => boolean): ExchangeRequest {
  const { peer } = wire;
  return {
    credential: wire.credential,
    codeVerifier: wire.code_verifier,
    rotationKey: wire.rotation_key,
    alsoRotationKeys: wire.also_rotation_keys ?? [],
    proof: wire.proof,
    askedAt: wire.asked_at,
    expectedSid: wire.expected_sid,
    peer: {
      connectionId: peer.connection_id,
      origin: peer.origin,
      address: peer.address,
      userAgent: peer.user_agent,
      socketOrigin: wire.socket_origin,
    },
    isGone,
  };
}

export function toAccess(grant: AccessGrant): RelayAccess {
  return {
    access_token: grant.accessToken,
    access_token_expires_in: grant.accessTokenExpiresInSeconds,
    ...(grant.scope === '' ? {} : { scope: grant.scope }),
    refresh_in: grant.refreshInSeconds,
    expires_in: grant.expiresInSeconds,
    idle_expires_in: grant.idleExpiresInSeconds,
  };
}

export function toGrant(grant: Grant): RelayGrant {
  return {
    ...toAccess(grant),
    sid: grant.sid,
    user_id: grant.userId,
    tenant_id: grant.tenantId,
    generation: grant.generation,
    token: grant.token,
    rotate_in: grant.rotateInSeconds,
    idle_timeout_in: grant.idleTimeoutInSeconds,
    claims: { ...grant.claims },
    server_time: grant.serverTimeMs,
    ...(grant.nowMs === undefined ? {} : { now: grant.nowMs }),
  };
}

export function toState(state: Liveness): RelayState {
  if (!state.alive) return { sid: state.sid, alive: false, reason: state.reason };
  const { sid, expiresInSeconds, idleExpiresInSeconds } = state;
  return { sid, alive: true, expires_in: expiresInSeconds, idle_expires_in: idleExpiresInSeconds };
}

/** @param now by which the service judges access tokens, in epoch ms */
export function toBatch({ kind, epoch, seq, entries }: FeedPiece, now: number): FeedBatch {
  const toEntry = ({ seq, sid, reason, untilMs }: FeedPiece['entries'][number]) => {
    return { seq, sid, reason, until: untilMs, keep_in: Math.max(0, untilMs - now) / 1_000 };
  };
  return { kind, epoch, seq, entries: entries.map(toEntry) };
}

export function toUserSession(there: Whereabouts): UserSessionState {
  return {
    id: there.sid,
    user_id: there.userId,
    tenant_id: there.tenantId,
    claims: { ...there.claims },
    server_id: there.serverId,
    connections: there.sockets,
    created_at: there.createdAtMs,
    updated_at: there.updatedAtMs,
  };
}

export function toLimits(tenant: LimitedTenant): TenantLimits {
  return {
    tenant_id: tenant.id,
    max_active_minutes: tenant.maxActiveMinutes,
    max_idle_minutes: tenant.maxIdleMinutes,
    active_minutes: tenant.activeMinutes,
    idle_minutes: tenant.idleMinutes,
  };
}

export function toLimitsChange(wire: {
  max_active_minutes?: number | null | undefined;
  max_idle_minutes?: number | null | undefined;
}): TenantLimitsChange {
  const { max_active_minutes: active, max_idle_minutes: idle } = wire;
  return {
    ...(active === undefined ? {} : { maxActiveMinutes: active }),
    ...(idle === undefined ? {} : { maxIdleMinutes: idle }),
  };
}
