import { assertOptions } from '@latchkey/contract';
import type { Shutdown } from '@latchkey/sdk-server';
import { createShutdown, exitAfter } from '@latchkey/sdk-server/internal';
import { createNode, type ServiceNode } from '../bootstrap/create-node.ts';
import type { Middleware } from '../http/context.ts';
import { type ApiServeOptions, type EmbedSettings, readEmbedOptions } from './embed-options.ts';
import { createInProcessNode, type InProcessNode } from './in-process-node.ts';
import { type HostApp, mountOn } from './mount.ts';
import { mountedHttp } from './mounted-http.ts';

/** The service's HTTP API inside a host's Koa app. */
export interface MountedApi extends Shutdown {
  /**
   * Resolves when the service has started. Until then its routes answer 503 `unavailable`. Rejects when it cannot
   * start.
   */
  ready(): Promise<void>;
  /** Runs the hook `claim` again for a user's live sessions; see docs/build/embedding.md. @throws not_found · unavailable */
  recomputeClaims(userId: string): Promise<{ readonly changed: number }>;
}

/**
 * Mounts sign-in, sign-up and the service's other HTTP routes (docs/reference/protocol.md) on an existing Koa or Express app. The host's own
 * routes, errors and headers stay as they are: only requests of the service's routes, by path and method, are taken.
 * Database, keys and the rest start without a further call. Call it before Koa's `app.callback()`, which takes no more layers.
 *
 * `shutdown(delay)` lets requests under way be answered, refuses new ones (`server_draining`), and closes the database;
 * `delay` is in seconds, by default `shutdownDeadlineInSecs`. The HTTP server stays with the host, unless `{ exit: true }` ends the
 * process.
 *
 * @throws TypeError the app is neither of Koa nor of Express; an option is unknown or makes no sense
 * @example
 * const app = new Koa();
 * const auth = apiServe(app, { publicUrl: 'https://app.example', dataDir: '/var/lib/app/latchkey', findUserByCredentials });
 * createServer(app.callback()).listen(3000);
 * await auth.ready();
 */
export function apiServe(app: HostApp, options: ApiServeOptions = {}): MountedApi {
  const settings = readEmbedOptions('apiServe', options);
  const mount = mountOn('apiServe', app, settings.log);
  const inProcessNode = createInProcessNode(createNode(settings), settings);
  const requests = createShutdown({ clock: settings.clock, log: settings.log });
  mount(apiMiddleware({ node: inProcessNode.node, settings, registerActivity: requests.registerActivity }));
  inProcessNode.start();
  return Object.freeze<MountedApi>({
    ...requests,
    shutdown: createNodeShutdown(requests, inProcessNode, settings),
    ready: inProcessNode.ready,
    recomputeClaims: inProcessNode.node.recomputeClaims,
  });
}

/** The API as a layer of the host's app. */
export function apiMiddleware({
  node,
  settings,
  registerActivity,
}: {
  node: ServiceNode;
  settings: EmbedSettings;
  registerActivity: Shutdown['registerActivity'];
}): Middleware {
  const { config, hooks, log, clock, causes } = settings;
  const { flows, admin, health, domain, observer, assertServing } = node;
  return mountedHttp({
    ...{ config, log, clock, causes, flows, admin, health, registerActivity, assertServing },
    jwks: domain.keys.jwks,
    proofNonce: domain.proofs.nonce,
    takesLoginFields: hooks.findUserByCredentials !== undefined,
    onAnswered: observer.onAnswered,
  });
}

/** A shutdown that stops the node as well, after what is in progress, and then the process where it is asked to. */
export function createNodeShutdown(
  inner: Pick<Shutdown, 'shutdown'>,
  node: Pick<InProcessNode, 'stop'>,
  { config, log, exits = false }: Pick<EmbedSettings, 'config' | 'log'> & { readonly exits?: boolean },
): Shutdown['shutdown'] {
  let ending: ReturnType<Shutdown['shutdown']> | undefined;
  return (delay = config.shutdownDeadlineInSecs, options = {}) => {
    assertOptions('shutdown', options, { exit: 'boolean' });
    const { exit = exits } = options;
    ending ??= inner.shutdown(delay).finally(node.stop);
    if (exit) exitAfter(ending, { log });
    return ending;
  };
}
