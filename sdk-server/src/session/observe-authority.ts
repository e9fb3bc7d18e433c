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

  return Object.freeze<Authority>({
    ...authority,
    async exchange(request) {
      const grant = await authority.exchange(request);
      // The news of its end may have been faster than the answer.
      if (authority.endedReason(grant.sid) === undefined) observer.onGranted?.(grant);
      return grant;
    },
    async refresh(sid, options) {
      const grant = await authority.refresh(sid, options);
      observer.onRenewed?.(sid, grant);
      return grant;
    },
    async inspect(sids) {
      const rows = await authority.inspect(sids);
      rows.forEach(judge);
      return rows;
    },
    presence(sid, sockets) {
      observer.onSocketCount?.(sid, sockets);
      authority.presence(sid, sockets);
    },
  });
}
