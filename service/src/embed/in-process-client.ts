import type { UserSessionState } from '@latchkey/contract';
import { createListeners, createPoller } from '@latchkey/core/internal';
import { createPresenceCache, type ServiceClient } from '@latchkey/sdk-server';
import type { Clock } from '../base/clock.ts';
import type { ServiceNode } from '../bootstrap/create-node.ts';
import type { Component } from '../bootstrap/lifecycle.ts';
import { maxFeedAgeMs } from '../ops/health.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import { toUserSession } from '../socket/backend/mappers.ts';
import { createDeferredAuthority } from './deferred-authority.ts';
import type { InProcessNode } from './in-process-node.ts';
import { createInProcessTenantLimits } from './in-process-tenant-limits.ts';

const periodMs = 500;
/** A large table is read less often: at most this part of the time. */
const pauseFactor = 10;

/** The line to the authority of this very process. */
interface InProcessClient {
  readonly client: ServiceClient;
  /** Hears what the node's database says, from the node's start to its stop. */
  createComponent(node: ServiceNode): Component;
}

/**
 * What a backend knows by its link to the service, known here without one. Before the node stands, browsers are told
 * `unavailable`, so that they try again, and tokens are refused with `revocations_not_ready`.
 */
export function createInProcessClient(
  hosting: InProcessNode,
  { clock, log }: { clock: Clock; log: ServiceLogger },
): InProcessClient {
  const { authority, attach, localSessionCount } = createDeferredAuthority(hosting);
  const userSessions = createPresenceCache({ connection: { on: () => {} } });
  const keysChanged = createListeners<[]>();
  const feed = () => (hosting.isRunning() ? hosting.node().domain.feed : undefined);

  const client = Object.freeze<ServiceClient>({
    authority,
    serverId: hosting.serverId,
    presenceCache: { all: userSessions.all, onChange: userSessions.onChange },
    tenantLimits: createInProcessTenantLimits(hosting),
    endedReason: authority.endedReason,
    introspect: async (token) => hosting.node().backends.flows.introspect({ tenantId: null }, token),
    feed() {
      const ageMs = feed()?.ageMs() ?? Number.POSITIVE_INFINITY;
      return { isReady: hosting.isRunning(), ageMs, isStale: ageMs > maxFeedAgeMs, cursor: undefined };
    },
    now: () => hosting.node().domain.time.now(),
    markKeysRefreshed: () => {},
    isConnected: hosting.isRunning,
    ready: hosting.ready,
    onKeysChanged: (listener) => void keysChanged.add(listener),
    counts: () => ({ ended: feed()?.size ?? 0, sessions: localSessionCount(), waiting: 0 }),
    // The host's own call begins it, once all doors are in their place.
    open: () => {},
    close: () => keysChanged.clear(),
  });

  function createComponent(node: ServiceNode): Component {
    const onError = (error: unknown) => log.warn({ err: error }, 'who is where could not be read');
    const { backends } = node;
    let kids = '';
    async function poll(): Promise<void> {
      const entries: UserSessionState[] = [];
      for await (const page of backends.flows.listPresence()) entries.push(...page.map(toUserSession));
      userSessions.replace(entries);
      if (kids !== backends.kids()) keysChanged.emit();
      kids = backends.kids();
    }
    const poller = createPoller({
      poll,
      periodMs: (tookMs) => Math.max(periodMs, tookMs * pauseFactor),
      clock,
      onError,
    });
    let detach = () => {};
    let unwatch = () => {};
    return {
      name: 'local link',
      async start() {
        detach = attach(node);
        unwatch = node.domain.clockGuard.onReplaced(keysChanged.emit);
        await poll().catch(onError);
        poller.start();
      },
      async stop() {
        detach();
        unwatch();
        await poller.stop();
        userSessions.replace([]);
      },
    };
  }

  return Object.freeze<InProcessClient>({ client, createComponent });
}
