import type { Server as HttpServer } from 'node:http';
import type { OptionNames } from '@latchkey/contract';
import {
  type ApiRouter,
  type ApiRouterOptions,
  assertHttpServer,
  composeLatchkey,
  keySetOf,
  type Latchkey,
  type SocketServeOptions,
  type StalenessPolicy,
  type TransactionCoreClass,
} from '@latchkey/sdk-server';
import type { Server } from 'socket.io';
import { mountAdminNews } from '../socket/admin/news.ts';
import { mountBackendNamespace } from '../socket/backend/namespace.ts';
import { browserOptions, whenGone } from '../socket/server.ts';
import { apiLayer, stopping } from './api-serve.ts';
import { createHosting } from './hosting.ts';
import { late } from './late.ts';
import { createLocalLink } from './local-link.ts';
import { type HostApp, mountOn } from './mount.ts';
import type { ServiceNode } from './node.ts';
import { type ApiServeOptions, readServeOptions, type ServeSettings } from './serve-options.ts';
import type { Part } from './stack.ts';

/** Options of {@link apiServe}, of the api router, and of the sockets. */
export interface InfraServeOptions<Transaction = TransactionCoreClass>
  extends ApiServeOptions,
    ApiRouterOptions<Transaction> {
  /** The event of the app's calls. Default: `api`. */
  readonly apiName?: string | undefined;
  /** Another name of `apiName`. */
  readonly api?: string | undefined;
  /** Socket.IO's adapter, where the host has several nodes on one PostgreSQL. */
  readonly adapter?: SocketServeOptions['adapter'];
  /** Who may connect to the host's own namespaces. Default: signed-in sockets only. */
  readonly namespaces?: SocketServeOptions['namespaces'];
  /** Of the guards and of `verify`, while the database cannot be read. Default: `allow`. */
  readonly policy?: StalenessPolicy;
}

const more: OptionNames<Omit<InfraServeOptions, keyof ApiServeOptions>> = {
  apiName: 'string',
  api: 'string',
  adapter: true,
  namespaces: 'object',
  policy: true,
  transactions: true,
  idempotency: true,
  mostCallsAtOnce: 'positive number',
  maxAnswerBytes: 'positive number',
  scope: 'string',
};

/** What stands beside the router of the app's calls. */
export interface Infra {
  /** Guards, `verify`, local user sessions, changes, transactions, limits: what backends have, without a link. */
  readonly latchkey: Latchkey;
  /** The Socket.IO server, for further routers and events of one's own. */
  readonly io: Server;
  /** Resolves when the service stands; until then it answers `unavailable`. Rejects when it cannot. */
  ready(): Promise<void>;
  /** Runs the hook `claim` again for a user's live sessions; see docs/one-process.md. @throws not_found · unavailable */
  recomputeClaims(userId: string): Promise<{ readonly changed: number }>;
  /**
   * Stops in order: calls and requests end, sockets are told and closed, then the node. Then the process ends, unless
   * `{ exit: false }` leaves it and its HTTP server to the host.
   */
  readonly shutdown: Latchkey['shutdown'];
}

/** The router of the app's calls, and all that stands beside it. */
export type InfraRouter<Transaction = TransactionCoreClass> = ApiRouter<Record<never, never>, Transaction, Infra> &
  Infra;

/**
 * The whole service inside the host's process: {@link apiServe}, sockets that sign in on the host's HTTP server, and
 * typed calls over them. Call it before the server listens and before Koa's `app.callback()`, which takes no more layers.
 *
 * `router.latchkey.shutdown(delay)` (seconds, by default `shutdownDeadlineInSecs`) stops all of it in order and ends the process;
 * with `{ exit: false }` the process and its HTTP server stay with the host. `router.latchkey.close()` stops at once. Other apps
 * may connect as backends.
 *
 * @throws TypeError the server is no HTTP server, the app neither of Koa nor of Express; an option is unknown or makes no sense
 * @example
 * const app = new Koa();
 * const server = createServer();
 * const router = infraServe(server, app, { publicUrl: 'https://app.example', claim: ({ profile }) => ({ name: profile.name }) });
 * router.on('whoami', (_params, call) => call.user);
 * app.use(router.latchkey.koa());
 * server.on('request', app.callback());
 * server.listen(3000);
 * await router.ready();
 */
export function infraServe<Transaction = TransactionCoreClass>(
  httpServer: HttpServer,
  app: HostApp,
  options: InfraServeOptions<Transaction> = {},
): InfraRouter<Transaction> {
  assertHttpServer('infraServe', httpServer);
  const settings = readServeOptions('infraServe', options, more);
  const mount = mountOn('infraServe', app, settings.log);
  const { config, log, clock } = settings;
  const apiName = apiNameOf(options);
  const hosting = createHosting(settings, (node) => [
    localLink.partOf(node),
    socketsPart(node, { io, latchkey: inner, settings }),
  ]);
  const localLink = createLocalLink(hosting, settings);
  const inner = composeLatchkey({
    ...{ log, clock },
    issuer: config.issuer,
    audience: config.audience,
    maxInactiveTimeInMinsForInactiveSession: config.maxInactiveTimeInMinsForInactiveSession,
    ...(options.policy === undefined ? {} : { policy: options.policy }),
    spreadInSecs: config.drainSpreadInSecs,
    link: localLink.link,
    publicUrl: config.publicUrl,
    proofs: late(() => hosting.node().rooms.proofs),
    keys: keySetOf((kid) => hosting.node().rooms.keys.findPublicKey(kid)),
  });
  const adapter = options.adapter === undefined ? {} : { adapter: options.adapter };
  const browsers = browserOptions(config);
  const namespaces = { ...options.namespaces, ...browsers.namespaces };
  const io = inner.socketServe(httpServer, { ...browsers, ...adapter, namespaces });
  const api = inner.apiRouter<Transaction>(io, apiName, routerOptions(options));
  mount(apiLayer({ hosting, settings, registerActivity: inner.registerActivity }));
  hosting.start();
  const whole = { stop: () => hosting.stop().finally(inner.close) };
  const latchkey = withMembers<Latchkey>(inner, {
    shutdown: stopping(inner, whole, { ...settings, exits: true }),
    close() {
      inner.close();
      whole.stop().catch((error: unknown) => settings.log.error({ err: error }, 'stopping failed'));
    },
  });
  const recomputeClaims = async (userId: string) => hosting.node().flows.recomputeClaims(userId);
  return withInfra(api, { latchkey, io, ready: hosting.ready, recomputeClaims, shutdown: latchkey.shutdown });
}

function apiNameOf({ apiName, api }: Pick<InfraServeOptions, 'apiName' | 'api'>): string {
  if (apiName !== undefined && api !== undefined) throw new TypeError('infraServe: apiName and api are one; keep one.');
  return apiName ?? api ?? 'api';
}

function routerOptions<T>(options: ApiRouterOptions<T>): ApiRouterOptions<T> {
  const { transactions, idempotency, mostCallsAtOnce, maxAnswerBytes, scope } = options;
  return {
    ...(transactions === undefined ? {} : { transactions }),
    ...(idempotency === undefined ? {} : { idempotency }),
    ...(mostCallsAtOnce === undefined ? {} : { mostCallsAtOnce }),
    ...(maxAnswerBytes === undefined ? {} : { maxAnswerBytes }),
    ...(scope === undefined ? {} : { scope }),
  };
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

/** Each `on` gives the same router back, with all that stands beside it. */
function withInfra<T>(api: ApiRouter<Record<never, never>, T>, infra: Infra): InfraRouter<T> {
  const add = api.on as (...call: unknown[]) => unknown;
  const router = Object.freeze({
    ...infra,
    close: api.close,
    on(...call: unknown[]) {
      add(...call);
      return router;
    },
  });
  return router as unknown as InfraRouter<T>;
}
