import type { UserSessionState } from '@latchkey/contract';
import { createUserSessionReader, type Link } from '@latchkey/sdk-server';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../ops/log.ts';
import { toUserSession } from '../socket/backend/wire.ts';
import { staleMs } from './health.ts';
import type { Hosting } from './hosting.ts';
import { createLateAuthority } from './late-authority.ts';
import { createLocalTenants } from './local-tenants.ts';
import { createLooks } from './looks.ts';
import type { ServiceNode } from './node.ts';
import type { Part } from './stack.ts';

/** The line to the authority of this very process. */
interface LocalLink {
  readonly link: Link;
  /** Hears what the node's database says, from the node's start to its stop. */
  partOf(node: ServiceNode): Part;
}

/**
 * What a backend knows by its link to the service, known here without one. Before the node stands, browsers are told
 * `unavailable`, so that they try again, and tokens are refused with `revocations_not_ready`.
 */
export function createLocalLink(hosting: Hosting, { clock, log }: { clock: Clock; log: Log }): LocalLink {
  const { authority, follow, countHere } = createLateAuthority(hosting);
  const userSessions = createUserSessionReader({ connection: { on: () => {} } });
  const keysListeners = new Set<() => void>();
  const feed = () => (hosting.isStanding() ? hosting.node().rooms.feed : undefined);

  const link = Object.freeze<Link>({
    authority,
    serverId: hosting.serverId,
    userSessions: { all: userSessions.all, onChange: userSessions.onChange },
    tenants: createLocalTenants(hosting),
    endedReason: authority.endedReason,
    introspect: async (token) => hosting.node().backends.flows.introspect({ tenantId: null }, token),
    feed() {
      const ageMs = feed()?.ageMs() ?? Number.POSITIVE_INFINITY;
      return { isReady: hosting.isStanding(), ageMs, isStale: ageMs > staleMs, cursor: undefined };
    },
    now: () => hosting.node().rooms.time.now(),
    keysRenewed: () => {},
    isUp: hosting.isStanding,
    ready: hosting.ready,
    onKeysChanged: (listener) => void keysListeners.add(listener),
    counts: () => ({ ended: feed()?.size ?? 0, sessions: countHere(), waiting: 0 }),
    // The host's own call begins it, once all doors are in their place.
    open: () => {},
    close: () => keysListeners.clear(),
  });

  function partOf(node: ServiceNode): Part {
    const onError = (error: unknown) => log.warn({ err: error }, 'who is where could not be read');
    const { backends } = node;
    let kids = '';
    const renew = () => {
      for (const listener of keysListeners) listener();
    };
    async function look(): Promise<void> {
      const there: UserSessionState[] = [];
      for await (const page of backends.flows.everywhere()) there.push(...page.map(toUserSession));
      userSessions.replace(there);
      if (kids !== backends.kids()) renew();
      kids = backends.kids();
    }
    const looks = createLooks({ look, clock, onError });
    let leave = () => {};
    let unwatch = () => {};
    return {
      name: 'local link',
      async start() {
        leave = follow(node);
        unwatch = node.rooms.clockGuard.onReplaced(renew);
        await looks.start();
      },
      async stop() {
        leave();
        unwatch();
        await looks.stop();
        userSessions.replace([]);
      },
    };
  }

  return Object.freeze<LocalLink>({ link, partOf });
}
