import type { Authority } from '@latchkey/core';
import { withAddressPrefix } from '../../base/ip.ts';
import type { Presence } from '../../domain/presence/presence.ts';
import type { RevocationFeed } from '../../domain/revocation/revocation-feed.ts';
import type { Sessions } from '../../domain/session/sessions.ts';
import type { TenantLimitsFeed } from '../../domain/tenant/tenant-limits-feed.ts';
import type { Flows } from '../../flow/flows.ts';

/** The authority that decides here: the browser protocol of sdk-server over this process's own flows. */
export function createLocalAuthority(deps: {
  flows: Flows;
  sessions: Pick<Sessions, 'confirmStored' | 'inspect' | 'markActive'>;
  presence: Pick<Presence, 'set'>;
  feed: Pick<RevocationFeed, 'reason' | 'onEnded'>;
  tenantChanges: Pick<TenantLimitsFeed, 'onChange'>;
}): Authority {
  const { flows, sessions, presence, feed, tenantChanges } = deps;
  return Object.freeze<Authority>({
    exchange: (request) => flows.exchange({ ...request, peer: withAddressPrefix(request.peer) }),
    confirm: sessions.confirmStored,
    refresh: flows.refresh,
    logout: (sid, { scope }) => flows.logout(sid, scope),
    activity: sessions.markActive,
    presence: presence.set,
    inspect: sessions.inspect,
    endedReason: feed.reason,
    onEnded: feed.onEnded,
    onTenantChanged: (listener) => tenantChanges.onChange(({ id }) => listener(id)),
  });
}
