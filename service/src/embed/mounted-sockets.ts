import type { Server as HttpServer } from 'node:http';
import type { OptionNames } from '@latchkey/contract';
import { type Causes, createCauses } from '@latchkey/core';
import type { Latchkey, SocketServeOptions, StalenessPolicy } from '@latchkey/sdk-server';
import { composeLatchkey } from '@latchkey/sdk-server/internal';
import type { Server } from 'socket.io';
import { createNode, type ServiceNode } from '../bootstrap/create-node.ts';
import type { Component } from '../bootstrap/lifecycle.ts';
import { readSocketMetrics } from '../bootstrap/node-metrics.ts';
import { mountAdminUpdates } from '../socket/admin/updates.ts';
import { mountBackendNamespace } from '../socket/backend/namespace.ts';
import { browserOptions } from '../socket/browser/options.ts';
import { socketCounts, waitForDisconnects } from '../socket/server.ts';
import { createNodeShutdown } from './api-serve.ts';
import type { ApiServeOptions, EmbedSettings } from './embed-options.ts';
import { createInProcessClient, whileServing } from './in-process-client.ts';
import { createInProcessNode, type InProcessNode } from './in-process-node.ts';

/** Options of a node with sockets in a host's process. */
export interface MountedSocketOptions extends ApiServeOptions {
  /** Socket.IO's adapter, where the host has several nodes on one PostgreSQL. */
  readonly adapter?: SocketServeOptions['adapter'];
  /** Who may connect to the host's own namespaces. Default: signed-in sockets only. */
  readonly namespaces?: SocketServeOptions['namespaces'];
  /** Who may follow which users of their own tenant are online. Default: no client. */
  readonly users?: SocketServeOptions['users'];
  /** Of the guards and of `verify`, while the database cannot be read. Default: `allow`. */
  readonly policy?: StalenessPolicy;
}

export const mountedSocketOptionKinds: OptionNames<Omit<MountedSocketOptions, keyof ApiServeOptions>> = {
  adapter: true,
  namespaces: 'object',
  users: 'object',
  policy: true,
};

/** The service's sockets on the HTTP server of a host, and what a host does with them. */
export interface Infra {
  /** Guards, `verify`, local user sessions, changes, transactions, limits: what backends have, without a link. */
  readonly latchkey: Latchkey;
  /** The Socket.IO server, for further routers and events of one's own. */
  readonly io: Server;
  /** Resolves when the service is ready; until then it answers `unavailable`. Rejects when it cannot. */
  ready(): Promise<void>;
  /** Runs the hook `claim` again for a user's live sessions; see docs/build/embedding.md. @throws not_found · unavailable */
  recomputeClaims(userId: string): Promise<{ readonly changed: number }>;
  /**
   * Stops in order: calls and requests end, sockets get `server_drain` and are closed, then the node stops. After `infraServe` the process ends
   * then, unless `{ exit: false }` leaves it and its HTTP server to the host; after `socketServe` only by `{ exit: true }`.
   */
  readonly shutdown: Latchkey['shutdown'];
}

/** A node and its sockets before the start. */
interface MountedSockets {
  readonly inProcessNode: InProcessNode;
  /** Stops the sockets, and not the node. */
  readonly sockets: Latchkey;
  readonly io: Server;
}

/** Mounts the service's sockets on the host's HTTP server. The node starts by `inProcessNode.start()`. */
export function mountSockets(
  httpServer: HttpServer,
  settings: EmbedSettings,
  { adapter, namespaces, users, policy }: MountedSocketOptions,
): MountedSockets {
  const { config, log, clock } = settings;
  const node = createNode(settings);
  const { domain } = node;
  const { client, component } = createInProcessClient(node, { log, clock, ready: () => inProcessNode.ready() });
  const causes = createCauses({ log, clock });
  const sockets = composeLatchkey({
    ...{ log, clock, causes },
    issuer: config.issuer,
    audience: config.audience,
    maxInactiveTimeInMinsForInactiveSession: config.maxInactiveTimeInMinsForInactiveSession,
    ...(policy === undefined ? {} : { policy }),
    spreadInSecs: config.drainSpreadInSecs,
    client,
    publicUrl: config.publicUrl,
    proofs: domain.proofs,
    keys: { find: whileServing(node, domain.keys.findPublicKey), reload: async () => {} },
  });
  const browsers = browserOptions(config);
  const io = sockets.socketServe(httpServer, {
    ...browsers,
    ...(adapter === undefined ? {} : { adapter }),
    users,
    namespaces: { ...namespaces, ...browsers.namespaces },
  });
  const components = [component, createSocketsComponent(node, { io, latchkey: sockets, causes, settings })];
  const inProcessNode = createInProcessNode(node, { log, components });
  return { inProcessNode, sockets, io };
}

/** @param exits whether the process ends after a shutdown, unless the caller says otherwise */
export function toInfra(
  { inProcessNode, sockets, io }: MountedSockets,
  settings: EmbedSettings,
  exits: boolean,
): Infra {
  const whole = { stop: () => inProcessNode.stop().finally(sockets.close) };
  const latchkey = withMembers<Latchkey>(sockets, {
    shutdown: createNodeShutdown(sockets, whole, { ...settings, exits }),
    close() {
      sockets.close();
      whole.stop().catch((error: unknown) => settings.log.error({ err: error }, 'stopping failed'));
    },
  });
  return Object.freeze<Infra>({
    latchkey,
    io,
    ready: inProcessNode.ready,
    recomputeClaims: inProcessNode.node.recomputeClaims,
    shutdown: latchkey.shutdown,
  });
}

/** Backends and operators beside the browsers; and the end of all. */
function createSocketsComponent(
  node: ServiceNode,
  deps: { io: Server; latchkey: Latchkey; causes: Causes; settings: EmbedSettings },
): Component {
  const { io, latchkey, causes, settings } = deps;
  const { config, clock, log } = settings;
  const { onRefused } = node.observer;
  const deadlineMs = (config.shutdownDeadlineInSecs * 1_000) / 2;
  let backends: ReturnType<typeof mountBackendNamespace> | undefined;
  let operators: ReturnType<typeof mountAdminUpdates> | undefined;
  return {
    name: 'sockets',
    start() {
      backends = mountBackendNamespace(io, {
        ...{ ...node.backends, clock, log },
        onRefused: (call, code) => onRefused('backend', call, code),
      });
      operators = mountAdminUpdates(io, { flows: node.admin, clock, log, causes: settings.causes });
      const parts = { backends, operators };
      const sockets = { counts: () => socketCounts(io, parts), causes };
      readSocketMetrics(node.metrics, { sockets, causes: settings.causes });
    },
    async stop() {
      await backends?.drain({ spreadMs: config.drainSpreadInSecs * 1_000, deadlineMs });
      backends?.close();
      operators?.close();
      await waitForDisconnects(io, clock);
      latchkey.close();
    },
  };
}

/** The object with other members; its accessors stay accessors. */
function withMembers<T extends object>(whole: T, members: Partial<T>): T {
  const all = { ...Object.getOwnPropertyDescriptors(whole), ...Object.getOwnPropertyDescriptors(members) };
  return Object.freeze(Object.defineProperties({}, all)) as T;
}
