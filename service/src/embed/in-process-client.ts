import type { UserSessionState } from '@latchkey/contract';
import { type Clock, createListeners, createPoller } from '@latchkey/core/internal';
import { createPresenceCache, type ServiceClient, type TenantLimitsClient } from '@latchkey/sdk-server/internal';
import type { ServiceNode } from '../bootstrap/create-node.ts';
import type { Component } from '../bootstrap/lifecycle.ts';
import type { Backend } from '../domain/backend/backend.ts';
import { createFailureLog } from '../ops/failure-log.ts';
import { maxFeedAgeMs } from '../ops/health.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import { toLimits, toLimitsChange, toUserSessionState } from '../socket/backend/mappers.ts';

const periodMs = 500;
/** A large table is read less often: at most this part of the time. */
const pauseFactor = 10;

/** What sdk-server has of a service, for the node of this process. */
interface InProcessClient {
  readonly client: ServiceClient;
  /** Reads presence and signing keys from the node's start to its stop. */
  readonly component: Component;
}

/** The host itself, as the flows of backends take it: it sees every tenant. */
const host: Backend = Object.freeze<Backend>({
  id: 'host',
  name: 'host',
  tenantId: null,
  scopes: ['limits'],
  origins: [],
  createdAt: new Date(0),
  disabledAt: null,
});

/**
 * The client of a node in this process, without a connection. Before the node has started, calls are refused as
 * `unavailable`, so that browsers try again, and tokens with `revocations_not_ready`.
 *
 * @param deps.ready resolves when the node has started
 */
export function createInProcessClient(
  node: ServiceNode,
  { clock, log, ready }: { clock: Clock; log: ServiceLogger; ready: () => Promise<void> },
): InProcessClient {
  const { authority, domain, health } = node;
  const userSessions = createPresenceCache({ connection: { on: () => {} } });
  const keysChanged = createListeners<[]>();

  const client = Object.freeze<ServiceClient>({
    authority: {
      ...authority,
      exchange: whileServing(node, authority.exchange),
      refresh: whileServing(node, authority.refresh),
      logout: whileServing(node, authority.logout),
      inspect: whileServing(node, authority.inspect),
    },
    serverId: node.serverId,
    presenceCache: { all: userSessions.all, onChange: userSessions.onChange },
    tenantLimits: createTenantLimits(node),
    endedReason: authority.endedReason,
    introspect: whileServing(node, (token) => node.backends.flows.introspect({ tenantId: null }, token)),
    feed() {
      const ageMs = health.isServing() ? domain.feed.ageMs() : Number.POSITIVE_INFINITY;
      return { isReady: health.isServing(), ageMs, isStale: ageMs > maxFeedAgeMs, cursor: undefined };
    },
    now: domain.time.now,
    markKeysRefreshed: () => {},
    isConnected: health.isServing,
    ready,
    onKeysChanged: (listener) => void keysChanged.add(listener),
    counts: () => ({ ended: domain.feed.size, sessions: domain.presence.localCount(), waiting: 0 }),
    // The host's own call starts the node.
    open: () => {},
    close: () => keysChanged.clear(),
  });

  const renewKeys = keysChanged.emit;
  return { client, component: createPollerComponent(node, { clock, log, userSessions, renewKeys }) };
}

/** The function, which rejects with `unavailable` while the node is not running. */
export function whileServing<Args extends unknown[], Result>(
  { assertServing }: Pick<ServiceNode, 'assertServing'>,
  work: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    assertServing();
    return work(...args);
  };
}

function createTenantLimits(node: ServiceNode): TenantLimitsClient {
  const { getTenantLimits, setTenantLimits } = node.backends.flows;
  return {
    get: whileServing(node, async (tenantId) => toLimits(await getTenantLimits(host, tenantId))),
    set: whileServing(node, async (tenantId, change) =>
      toLimits(await setTenantLimits(host, tenantId, toLimitsChange(change))),
    ),
  };
}

function createPollerComponent(
  { backends, domain }: ServiceNode,
  deps: {
    clock: Clock;
    log: ServiceLogger;
    userSessions: { replace(entries: UserSessionState[]): void };
    renewKeys: () => void;
  },
): Component {
  const { clock, log, userSessions, renewKeys } = deps;
  let kids = '';
  async function poll(): Promise<void> {
    const entries: UserSessionState[] = [];
    for await (const page of backends.flows.listPresence()) entries.push(...page.map(toUserSessionState));
    userSessions.replace(entries);
    if (kids !== backends.kids()) renewKeys();
    kids = backends.kids();
  }
  const logWorkFailure = createFailureLog({ log, causes: backends.causes }, 'work_unavailable');
  const onError = (error: unknown) => logWorkFailure(error, 'could not read presence');
  const poller = createPoller({ poll, periodMs: (tookMs) => Math.max(periodMs, tookMs * pauseFactor), clock, onError });
  let unwatch = () => {};
  return {
    name: 'in-process client',
    async start() {
      unwatch = domain.clockGuard.onReplaced(renewKeys);
      await poll().catch(onError);
      poller.start();
    },
    async stop() {
      unwatch();
      await poller.stop();
      userSessions.replace([]);
    },
  };
}
