import type { EndReason } from '@latchkey/contract';
import type { Authority } from '@latchkey/core';
import { createListeners } from '@latchkey/core/internal';
import type { ServiceNode } from '../bootstrap/create-node.ts';
import type { InProcessNode } from './in-process-node.ts';

interface DeferredAuthority {
  readonly authority: Authority;
  /** Hears of ends and limits from the node, now that it stands; returns the function that ends it. */
  attach(node: Pick<ServiceNode, 'authority'>): () => void;
  /** Sessions with sockets here. */
  localSessionCount(): number;
}

/**
 * The node's own authority, from before it stands until after. Without it a question is `unavailable`, and what may be
 * lost is dropped.
 */
export function createDeferredAuthority(hosting: Pick<InProcessNode, 'node' | 'isRunning'>): DeferredAuthority {
  const ended = createListeners<[sid: string, reason: EndReason]>();
  const tenantChanged = createListeners<[tenantId: string | undefined]>();
  const localSessions = new Set<string>();
  const getAuthority = () => hosting.node().authority;
  const tryGetAuthority = () => (hosting.isRunning() ? getAuthority() : undefined);

  return Object.freeze<DeferredAuthority>({
    authority: Object.freeze<Authority>({
      exchange: async (request) => getAuthority().exchange(request),
      refresh: async (sid, options) => getAuthority().refresh(sid, options),
      logout: async (sid, options) => getAuthority().logout(sid, options),
      inspect: async (sids) => getAuthority().inspect(sids),
      confirm: (sid, generation) => tryGetAuthority()?.confirm(sid, generation),
      activity: (sid) => tryGetAuthority()?.activity(sid),
      presence(sid, sockets) {
        if (sockets > 0) localSessions.add(sid);
        else localSessions.delete(sid);
        tryGetAuthority()?.presence(sid, sockets);
      },
      endedReason: (sid) => tryGetAuthority()?.endedReason(sid),
      onEnded: ended.add,
      onTenantChanged: tenantChanged.add,
    }),
    attach({ authority }) {
      const removals = [authority.onEnded(ended.emit), authority.onTenantChanged(tenantChanged.emit)];
      return () => removals.forEach((remove) => void remove());
    },
    localSessionCount: () => localSessions.size,
  });
}
