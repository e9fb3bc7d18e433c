import { type EndReason, fail } from '@latchkey/contract';
import type { AccessGrant, Authority, ExchangeRequest, Grant, SessionInspection } from '../../src/index.ts';

export interface ScriptedAuthority extends Authority {
  /** What was asked, in order. */
  readonly asked: { readonly method: string; readonly input: unknown }[];
  of(method: string): unknown[];
  /** Replaces answers; each may throw. */
  script: {
    exchange?: ((request: ExchangeRequest) => Promise<Grant> | Grant) | undefined;
    refresh?: ((sid: string) => Promise<AccessGrant> | AccessGrant) | undefined;
    logout?: ((sid: string) => Promise<{ ended: number }> | { ended: number }) | undefined;
    inspect?:
      | ((sids: readonly string[]) => Promise<readonly SessionInspection[]> | readonly SessionInspection[])
      | undefined;
    endedReason?: ((sid: string) => EndReason | undefined) | undefined;
  };
  /** The feed says that a session ended. */
  announce(sid: string, reason: EndReason): void;
  /** A tenant's limits were changed. */
  changeTenant(tenantId: string | undefined): void;
  listeners(): number;
}

/** A token that claims a session and a generation; nothing here is signed. */
export function tokenOf(sid: string, generation = 1): string {
  return `e30.${Buffer.from(JSON.stringify({ sid, gen: generation })).toString('base64url')}.c2lnbmF0dXJl`;
}

export const access: AccessGrant = {
  accessToken: 'access-token',
  accessTokenExpiresInSeconds: 300,
  scope: '',
  refreshInSeconds: 240,
  expiresInSeconds: 43_200,
  idleExpiresInSeconds: null,
};

export function grantOf(sid: string, change: Partial<Grant> = {}): Grant {
  return {
    ...access,
    sid,
    userId: 'user-1',
    tenantId: 'tenant-1',
    generation: 1,
    token: tokenOf(sid),
    rotateInSeconds: 900,
    idleTimeoutInSeconds: null,
    claims: { role: 'teller' },
    serverTimeMs: 1_700_000_000_000,
    ...change,
  };
}

/** Answers as a session that is alive and well, unless the test says otherwise. */
export function createScriptedAuthority(): ScriptedAuthority {
  const asked: { method: string; input: unknown }[] = [];
  const listeners = new Set<(sid: string, reason: EndReason) => void>();
  const tenantListeners = new Set<(tenantId: string | undefined) => void>();
  const script: ScriptedAuthority['script'] = {};
  const note = (method: string, input: unknown) => asked.push({ method, input });

  return {
    asked,
    script,
    of: (method) => asked.filter((call) => call.method === method).map((call) => call.input),
    async exchange(request) {
      note('exchange', request);
      if (script.exchange) return script.exchange(request);
      const sid = /^sid:(.+)$/.exec(request.credential)?.[1];
      if (sid === undefined) throw fail('token_invalid');
      if (request.expectedSid !== undefined && request.expectedSid !== sid) throw fail('already_authenticated');
      return grantOf(sid);
    },
    confirm: (sid, generation) => note('confirm', { sid, generation }),
    async refresh(sid, options) {
      note('refresh', { sid, ...options });
      return script.refresh ? script.refresh(sid) : access;
    },
    async logout(sid, options) {
      note('logout', { sid, ...options });
      return script.logout ? script.logout(sid) : { ended: 1 };
    },
    activity: (sid) => note('activity', sid),
    presence: (sid, sockets) => note('presence', { sid, sockets }),
    async inspect(sids) {
      note('inspect', sids);
      if (script.inspect) return script.inspect(sids);
      return sids.map((sid) => ({ sid, alive: true as const, expiresInSeconds: 43_200, idleExpiresInSeconds: null }));
    },
    endedReason: (sid) => script.endedReason?.(sid),
    onEnded(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onTenantChanged(listener) {
      tenantListeners.add(listener);
      return () => tenantListeners.delete(listener);
    },
    changeTenant: (tenantId) => {
      for (const listener of tenantListeners) listener(tenantId);
    },
    announce: (sid, reason) => {
      for (const listener of listeners) listener(sid, reason);
    },
    listeners: () => listeners.size + tenantListeners.size,
  };
}
