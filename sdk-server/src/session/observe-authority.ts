import type { EndReason } from '@latchkey/contract';
import type { Authority, Grant, SessionInspection, SessionLifetime } from '@latchkey/core';

/** Callbacks for the results of an authority. */
interface AuthorityObserver {
  onGranted(grant: Grant): void;
  onRenewed(sid: string, lifetime: SessionLifetime): void;
  onSocketCount(sid: string, sockets: number): void;
  onEnded(sid: string, reason: EndReason): void;
}

/** Wraps an authority. Each result is passed to `observer` first, and is not changed. */
export function observeAuthority(authority: Authority, observer: Partial<AuthorityObserver>): Authority {
  function judge(row: SessionInspection): void {
    if (row.alive) observer.onRenewed?.(row.sid, row);
    else observer.onEnded?.(row.sid, row.reason);
  }

  return Object.freeze({
    async exchange(request: Parameters<Authority['exchange']>[0]) {
      const grant = await authority.exchange(request);
      // The news of its end may have been faster than the answer.
      if (authority.endedReason(grant.sid) === undefined) observer.onGranted?.(grant);
      return grant;
    },
    async refresh(sid: string, options: { admin: boolean }) {
      const grant = await authority.refresh(sid, options);
      observer.onRenewed?.(sid, grant);
      return grant;
    },
    async inspect(sids: readonly string[]) {
      const rows = await authority.inspect(sids);
      rows.forEach(judge);
      return rows;
    },
    presence(sid: string, sockets: number) {
      observer.onSocketCount?.(sid, sockets);
      authority.presence(sid, sockets);
    },
    confirm: (sid: string, generation: number) => authority.confirm(sid, generation),
    logout: (...args: Parameters<Authority['logout']>) => authority.logout(...args),
    activity: (sid: string) => authority.activity(sid),
    endedReason: (sid: string) => authority.endedReason(sid),
    onEnded: (...args: Parameters<Authority['onEnded']>) => authority.onEnded(...args),
    onTenantChanged: (...args: Parameters<Authority['onTenantChanged']>) => authority.onTenantChanged(...args),
  });
}
