import type { Server as HttpServer } from 'node:http';
import type { OptionNames } from '@latchkey/contract';
import { assertHttpServer } from '@latchkey/core/internal';
import type { ApiRouter, ApiRouterOptions } from '@latchkey/sdk-server/api';
import type { TransactionCoreClass } from '@latchkey/sdk-server/transaction';
import { apiMiddleware } from './api-serve.ts';
import { type ApiServeOptions, pick, readEmbedOptions } from './embed-options.ts';
import { type HostApp, mountOn } from './mount.ts';
import {
  type Infra,
  type MountedSocketOptions,
  mountedSocketOptionKinds,
  mountSockets,
  toInfra,
} from './mounted-sockets.ts';

/** Options of {@link apiServe}, of the api router, and of the sockets. */
export interface InfraServeOptions<Transaction = TransactionCoreClass>
  extends MountedSocketOptions,
    ApiRouterOptions<Transaction> {
  /** The event of the app's calls. Default: `api`. */
  readonly apiName?: string | undefined;
  /** Another name of `apiName`. */
  readonly api?: string | undefined;
}

const routerOptionKinds: OptionNames<ApiRouterOptions> = {
  transactions: true,
  idempotency: true,
  maxConcurrentCalls: 'positive number',
  maxResponseBytes: 'positive number',
  scope: 'string',
};

const optionKinds: OptionNames<Omit<InfraServeOptions, keyof ApiServeOptions>> = {
  apiName: 'string',
  api: 'string',
  ...mountedSocketOptionKinds,
  ...routerOptionKinds,
};

/** The router of the app's calls, with the members of the embedded service. */
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
 * @throws TypeError the server is no HTTP server, the app neither of Koa nor of Express; an option is unknown or invalid
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
  const settings = readEmbedOptions('infraServe', options, optionKinds);
  const mount = mountOn('infraServe', app, settings.log);
  const apiName = apiNameOf(options);
  const hosted = mountSockets(httpServer, settings, options);
  const { inProcessNode, sockets, io } = hosted;
  const api = sockets.apiRouter<Transaction>(io, apiName, pick(options, Object.keys(routerOptionKinds)));
  mount(apiMiddleware({ node: inProcessNode.node, settings, registerActivity: sockets.registerActivity }));
  inProcessNode.start();
  return withInfra(api, toInfra(hosted, settings, true));
}

function apiNameOf({ apiName, api }: Pick<InfraServeOptions, 'apiName' | 'api'>): string {
  if (apiName !== undefined && api !== undefined) throw new TypeError('infraServe: apiName and api are one; keep one.');
  return apiName ?? api ?? 'api';
}

/** Returns this router, with all its members. */
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
