import type { EndReason } from '@latchkey/contract';
import type { Authority, Grant, Lifetime, Liveness } from '../socket/authority.ts';

/** What is seen at an authority. */
interface AuthoritySight {
  granted(grant: Grant): void;
  renewed(sid: string, lifetime: Lifetime): void;
  counted(sid: string, sockets: number): void;
  ended(sid: string, reason: EndReason): void;
}

/** The same authority; whatever passes is shown to `sight` first, and never changed. */
export function followAuthority(authority: Authority, sight: Partial<AuthoritySight>): Authority {
  function judge(row: Liveness): void {
    if (row.alive) sight.renewed?.(row.sid, row);
    else sight.ended?.(row.sid, row.reason);
  }

  return Object.freeze({
    async exchange(request: Parameters<Authority['exchange']>[0]) {
      const grant = await authority.exchange(request);
      // The news of its end may have been faster than the answer.
      if (authority.endedReason(grant.sid) === undefined) sight.granted?.(grant);
      return grant;
    },
    async refresh(sid: string, options: { admin: boolean }) {
      const grant = await authority.refresh(sid, options);
      sight.renewed?.(sid, grant);
      return grant;
    },
    async inspect(sids: readonly string[]) {
      const rows = await authority.inspect(sids);
      rows.forEach(judge);
      return rows;
    },
    presence(sid: string, sockets: number) {
      sight.counted?.(sid, sockets);
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
