import type { Authority } from '@latchkey/sdk-server';
import type { BlacklistFeed } from '../domain/blacklist/blacklist-feed.ts';
import type { Presence } from '../domain/presence/presence.ts';
import type { Sessions } from '../domain/session/sessions.ts';
import type { TenantChanges } from '../domain/tenant/tenant-changes.ts';
import type { Flows } from '../flow/flows.ts';

/** The authority that decides here: the browser protocol of sdk-server over this process's own flows. */
export function createLocalAuthority(deps: {
  flows: Flows;
  sessions: Pick<Sessions, 'confirm' | 'active'>;
  presence: Pick<Presence, 'set'>;
  feed: Pick<BlacklistFeed, 'reason' | 'onEnded'>;
  tenantChanges: Pick<TenantChanges, 'onChange'>;
}): Authority {
  const { flows, sessions, presence, feed, tenantChanges } = deps;
  return Object.freeze<Authority>({
    exchange: (request) => flows.exchange(request),
    confirm: sessions.confirm,
    refresh: flows.refresh,
    logout: (sid, { scope }) => flows.logout(sid, scope),
    activity: sessions.active,
    presence: presence.set,
    inspect: flows.inspect,
    endedReason: feed.reason,
    onEnded: feed.onEnded,
    onTenantChanged: (listener) => tenantChanges.onChange(({ id }) => listener(id)),
  });
}
