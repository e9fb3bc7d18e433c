import { fail } from '@latchkey/contract';
import type { AccessGrant, Authority, Grant } from '@latchkey/core';
import { createPresenceCache } from '../client/presence-cache.ts';
import type { ServiceClient } from '../client/service-client.ts';
import type { TestClock } from './test-clock.ts';
import type { OpenSession, TestSessions } from './test-sessions.ts';

interface TestClientDeps {
  readonly sessions: TestSessions;
  readonly clock: TestClock;
  readonly signAccess: (session: OpenSession) => string;
  readonly isStale: () => boolean;
}

export const accessTokenSeconds = 300;
const sessionSeconds = 43_200;
const staleAgeMs = 60_000;

/** The client of a service that a test plays: its sessions are those that the test opened. */
export function createTestClient(deps: TestClientDeps): ServiceClient {
  const { sessions, clock, isStale } = deps;
  const { all, onChange } = createPresenceCache({ connection: { on: () => {} } });
  const noLimits = () => Promise.reject(fail('unavailable', { detail: 'a test latchkey has no limits of tenants' }));
  return Object.freeze<ServiceClient>({
    authority: createTestAuthority(deps),
    serverId: 'test-server',
    presenceCache: { all, onChange },
    tenantLimits: { get: noLimits, set: noLimits },
    endedReason: sessions.endedReason,
    introspect: async () => ({ active: true }),
    feed: () => ({ isReady: true, ageMs: isStale() ? staleAgeMs : 0, isStale: isStale(), cursor: undefined }),
    isConnected: () => !isStale(),
    ready: async () => {},
    now: clock.now,
    onKeysChanged: () => {},
    markKeysRefreshed: () => {},
    counts: () => ({ ended: 0, sessions: 0, waiting: 0 }),
    open: () => {},
    close: () => {},
  });
}

function createTestAuthority({ sessions, clock, signAccess }: TestClientDeps): Authority {
  const lifetime = { expiresInSeconds: sessionSeconds, idleExpiresInSeconds: null };

  const toAccessGrant = (session: OpenSession): AccessGrant => ({
    ...lifetime,
    accessToken: signAccess(session),
    accessTokenExpiresInSeconds: accessTokenSeconds,
    scope: session.scope,
    refreshInSeconds: accessTokenSeconds - 60,
  });

  const toGrant = (session: OpenSession): Grant => ({
    ...toAccessGrant(session),
    sid: session.sessionId,
    userId: session.userId,
    tenantId: session.tenantId,
    generation: 1,
    token: session.token,
    rotateInSeconds: sessionSeconds,
    idleTimeoutInSeconds: null,
    claims: session.claims,
    serverTimeMs: clock.now(),
    nowMs: clock.now(),
  });

  return Object.freeze<Authority>({
    async exchange({ credential, expectedSid }) {
      const session = sessions.findByToken(credential);
      if (expectedSid !== undefined && expectedSid !== session.sessionId) throw fail('already_authenticated');
      return toGrant(session);
    },
    confirm: () => {},
    refresh: async (sid) => toAccessGrant(sessions.get(sid)),
    logout: async (sid, { scope }) => ({ ended: sessions.logOut(sid, scope) }),
    activity: () => {},
    presence: () => {},
    inspect: async (sids) =>
      sids.map((sid) => {
        const reason = sessions.endedReason(sid);
        return reason === undefined ? { sid, alive: true, ...lifetime } : { sid, alive: false, reason };
      }),
    endedReason: sessions.endedReason,
    onEnded: sessions.onEnded,
    onTenantChanged: () => () => {},
  });
}
