import type {
  BackendAccessGrant,
  BackendExchangeRequest,
  BackendGrant,
  BackendSessionStatus,
  RevocationBatch,
  TenantLimits,
  TenantLimitsPatch,
  UserSessionState,
} from '@latchkey/contract';
import type { AccessGrant, Grant, SessionInspection } from '@latchkey/core';
import { withAddressPrefix } from '../../base/ip.ts';
import type { PresenceEntry } from '../../domain/presence/presence-entry.ts';
import type { FeedSegment } from '../../domain/revocation/revocation-feed.ts';
import type { TenantLimitsUpdate } from '../../domain/tenant/tenant.ts';
import type { TenantWithLimits } from '../../flow/change-tenant.ts';
import type { CredentialRequest } from '../../flow/types.ts';

export function toExchangeRequest(wire: BackendExchangeRequest, isDisconnected: () => boolean): CredentialRequest {
  const { peer } = wire;
  return {
    credential: wire.credential,
    codeVerifier: wire.code_verifier,
    rotationKey: wire.rotation_key,
    alsoRotationKeys: wire.also_rotation_keys ?? [],
    proof: wire.proof,
    askedAt: wire.asked_at,
    expectedSid: wire.expected_sid,
    peer: withAddressPrefix({
      connectionId: peer.connection_id,
      origin: peer.origin,
      address: peer.address,
      userAgent: peer.user_agent,
      socketOrigin: wire.socket_origin,
    }),
    isDisconnected,
  };
}

export function toBackendAccessGrant(grant: AccessGrant): BackendAccessGrant {
  return {
    access_token: grant.accessToken,
    access_token_expires_in: grant.accessTokenExpiresInSeconds,
    ...(grant.scope === '' ? {} : { scope: grant.scope }),
    refresh_in: grant.refreshInSeconds,
    expires_in: grant.expiresInSeconds,
    idle_expires_in: grant.idleExpiresInSeconds,
  };
}

export function toBackendGrant(grant: Grant): BackendGrant {
  return {
    ...toBackendAccessGrant(grant),
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

export function toState(state: SessionInspection): BackendSessionStatus {
  if (!state.alive) return { sid: state.sid, alive: false, reason: state.reason };
  const { sid, expiresInSeconds, idleExpiresInSeconds } = state;
  return { sid, alive: true, expires_in: expiresInSeconds, idle_expires_in: idleExpiresInSeconds };
}

/** @param now by which the service judges access tokens, in epoch ms */
export function toBatch({ kind, epoch, seq, entries }: FeedSegment, now: number): RevocationBatch {
  const toEntry = ({ seq, sid, reason, untilMs }: FeedSegment['entries'][number]) => {
    return { seq, sid, reason, until: untilMs, keep_in: Math.max(0, untilMs - now) / 1_000 };
  };
  return { kind, epoch, seq, entries: entries.map(toEntry) };
}

export function toUserSessionState(entry: PresenceEntry): UserSessionState {
  return {
    id: entry.sid,
    user_id: entry.userId,
    tenant_id: entry.tenantId,
    claims: { ...entry.claims },
    server_id: entry.serverId,
    connections: entry.sockets,
    created_at: entry.createdAtMs,
    updated_at: entry.updatedAtMs,
  };
}

export function toLimits(tenant: TenantWithLimits): TenantLimits {
  return {
    tenant_id: tenant.id,
    max_active_minutes: tenant.maxActiveMinutes,
    max_idle_minutes: tenant.maxIdleMinutes,
    active_minutes: tenant.activeMinutes,
    idle_minutes: tenant.idleMinutes,
  };
}

export function toLimitsChange(wire: TenantLimitsPatch): TenantLimitsUpdate {
  return { maxActiveMinutes: wire.max_active_minutes, maxIdleMinutes: wire.max_idle_minutes };
}
