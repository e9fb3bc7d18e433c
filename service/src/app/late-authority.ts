import type { EndReason } from '@latchkey/contract';
import type { Authority } from '@latchkey/sdk-server';
import type { Hosting } from './hosting.ts';
import type { ServiceNode } from './node.ts';

interface LateAuthority {
  readonly authority: Authority;
  /** Hears of ends and limits from the node, now that it stands; returns the function that ends it. */
  follow(node: Pick<ServiceNode, 'authority'>): () => void;
  /** Sessions with sockets here. */
  countHere(): number;
}

/**
 * The node's own authority, from before it stands until after. Without it a question is `unavailable`, and what may be
 * lost is dropped.
 */
export function createLateAuthority(hosting: Pick<Hosting, 'node' | 'isStanding'>): LateAuthority {
  const ended = createListeners<[sid: string, reason: EndReason]>();
  const tenantChanged = createListeners<[tenantId: string | undefined]>();
  const here = new Set<string>();
  const asked = () => hosting.node().authority;
  const told = () => (hosting.isStanding() ? asked() : undefined);

  return Object.freeze<LateAuthority>({
    authority: Object.freeze<Authority>({
      exchange: async (request) => asked().exchange(request),
      refresh: async (sid, options) => asked().refresh(sid, options),
      logout: async (sid, options) => asked().logout(sid, options),
      inspect: async (sids) => asked().inspect(sids),
      confirm: (sid, generation) => told()?.confirm(sid, generation),
      activity: (sid) => told()?.activity(sid),
      presence(sid, sockets) {
        if (sockets > 0) here.add(sid);
        else here.delete(sid);
        told()?.presence(sid, sockets);
      },
      endedReason: (sid) => told()?.endedReason(sid),
      onEnded: ended.add,
      onTenantChanged: tenantChanged.add,
    }),
    follow({ authority }) {
      const removals = [authority.onEnded(ended.tell), authority.onTenantChanged(tenantChanged.tell)];
      return () => removals.forEach((remove) => void remove());
    },
    countHere: () => here.size,
  });
}

function createListeners<News extends unknown[]>() {
  const all = new Set<(...news: News) => void>();
  return {
    add(listener: (...news: News) => void): () => void {
      const entry = (...news: News) => listener(...news);
      all.add(entry);
      return () => void all.delete(entry);
    },
    tell(...news: News): void {
      for (const listener of [...all]) listener(...news);
    },
  };
}
