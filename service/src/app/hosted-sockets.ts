import type { Server as HttpServer } from 'node:http';
import type { OptionNames } from '@latchkey/contract';
import {
  composeLatchkey,
  keySetOf,
  type Latchkey,
  type SocketServeOptions,
  type StalenessPolicy,
} from '@latchkey/sdk-server';
import type { Server } from 'socket.io';
import { mountAdminNews } from '../socket/admin/news.ts';
import { mountBackendNamespace } from '../socket/backend/namespace.ts';
import { browserOptions, whenGone } from '../socket/server.ts';
import { stopping } from './api-serve.ts';
import { createHosting, type Hosting } from './hosting.ts';
import { late } from './late.ts';
import { createLocalLink } from './local-link.ts';
import type { ServiceNode } from './node.ts';
import type { ApiServeOptions, ServeSettings } from './serve-options.ts';
import type { Part } from './stack.ts';

/** Options of a node with sockets in a host's process. */
export interface HostedSocketOptions extends ApiServeOptions {
  /** Socket.IO's adapter, where the host has several nodes on one PostgreSQL. */
  readonly adapter?: SocketServeOptions['adapter'];
  /** Who may connect to the host's own namespaces. Default: signed-in sockets only. */
  readonly namespaces?: SocketServeOptions['namespaces'];
  /** Who may follow which users of their own tenant are online. Default: no client. */
  readonly users?: SocketServeOptions['users'];
  /** Of the guards and of `verify`, while the database cannot be read. Default: `allow`. */
  readonly policy?: StalenessPolicy;
}

export const hostedSocketOptions: OptionNames<Omit<HostedSocketOptions, keyof ApiServeOptions>> = {
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
  /** Runs the hook `claim` again for a user's live sessions; see docs/one-process.md. @throws not_found · unavailable */
  recomputeClaims(userId: string): Promise<{ readonly changed: number }>;
  /**
   * Stops in order: calls and requests end, sockets get `server_drain` and are closed, then the node stops. After `infraServe` the process ends
   * then, unless `{ exit: false }` leaves it and its HTTP server to the host; after `socketServe` only by `{ exit: true }`.
   */
  readonly shutdown: Latchkey['shutdown'];
}

/** A node and its sockets before the start. */
interface HostedSockets {
  readonly hosting: Hosting;
  /** Stops the sockets, and not the node. */
  readonly sockets: Latchkey;
  readonly io: Server;
}

/** Mounts the service's sockets on the host's HTTP server. The node starts by `hosting.start()`. */
export function hostSockets(
  httpServer: HttpServer,
  settings: ServeSettings,
  { adapter, namespaces, users, policy }: HostedSocketOptions,
): HostedSockets {
  const { config, log, clock } = settings;
  const hosting = createHosting(settings, (node) => [
    localLink.partOf(node),
    socketsPart(node, { io, latchkey: sockets, settings }),
  ]);
  const localLink = createLocalLink(hosting, settings);
  const sockets = composeLatchkey({
    ...{ log, clock },
    issuer: config.issuer,
    audience: config.audience,
    maxInactiveTimeInMinsForInactiveSession: config.maxInactiveTimeInMinsForInactiveSession,
    ...(policy === undefined ? {} : { policy }),
    spreadInSecs: config.drainSpreadInSecs,
    link: localLink.link,
    publicUrl: config.publicUrl,
    proofs: late(() => hosting.node().rooms.proofs),
    keys: keySetOf((kid) => hosting.node().rooms.keys.findPublicKey(kid)),
  });
  const browsers = browserOptions(config);
  const io = sockets.socketServe(httpServer, {
    ...browsers,
    ...(adapter === undefined ? {} : { adapter }),
    users,
    namespaces: { ...namespaces, ...browsers.namespaces },
  });
  return { hosting, sockets, io };
}

/** @param exits whether the process ends after a shutdown, unless the caller says otherwise */
export function infraOf({ hosting, sockets, io }: HostedSockets, settings: ServeSettings, exits: boolean): Infra {
  const whole = { stop: () => hosting.stop().finally(sockets.close) };
  const latchkey = withMembers<Latchkey>(sockets, {
    shutdown: stopping(sockets, whole, { ...settings, exits }),
    close() {
      sockets.close();
      whole.stop().catch((error: unknown) => settings.log.error({ err: error }, 'stopping failed'));
    },
  });
  const recomputeClaims = async (userId: string) => hosting.node().flows.recomputeClaims(userId);
  return Object.freeze<Infra>({ latchkey, io, ready: hosting.ready, recomputeClaims, shutdown: latchkey.shutdown });
}

/** Backends and operators beside the browsers; and the end of all. */
function socketsPart(
  node: ServiceNode,
  { io, latchkey, settings }: { io: Server; latchkey: Latchkey; settings: ServeSettings },
): Part {
  const { config, clock, log } = settings;
  const deadlineMs = (config.shutdownDeadlineInSecs * 1_000) / 2;
  let backends: ReturnType<typeof mountBackendNamespace> | undefined;
  let operators: ReturnType<typeof mountAdminNews> | undefined;
  return {
    name: 'sockets',
    start() {
      backends = mountBackendNamespace(io, { ...node.backends, clock, log });
      operators = mountAdminNews(io, { flows: node.admin, clock, log });
    },
    async stop() {
      await backends?.drain({ spreadMs: config.drainSpreadInSecs * 1_000, deadlineMs });
      backends?.close();
      operators?.close();
      await whenGone(io, clock);
      latchkey.close();
    },
  };
}

/** The object with other members; its accessors stay accessors. */
function withMembers<T extends object>(whole: T, members: Partial<T>): T {
  const all = { ...Object.getOwnPropertyDescriptors(whole), ...Object.getOwnPropertyDescriptors(members) };
  return Object.freeze(Object.defineProperties({}, all)) as T;
}
