import Koa from 'koa';
import type { Middleware, State } from './context.ts';
import type { HttpAppDeps } from './deps.ts';
import { developmentMailbox } from './development-mailbox.ts';
import { withDocuments } from './endpoints/api-documents.ts';
import { publicMetrics } from './metrics.ts';
import { accessLog, requestId } from './middleware/access-log.ts';
import { errorHandler } from './middleware/error-handler.ts';
import { createOrigins } from './middleware/origins.ts';
import { cors, securityHeaders } from './middleware/security.ts';
import { createMailboxPage } from './pages.ts';
import { notFound, router } from './router.ts';
import { createRoutes } from './routes.ts';

/** The order in which a request passes, as a list. */
function httpMiddleware(deps: HttpAppDeps): readonly Middleware[] {
  const api = createRoutes(deps);
  const routes = deps.config.apiDocuments ? withDocuments(api, deps) : api;
  const origins = createOrigins(deps);
  return [
    requestId(),
    accessLog(deps),
    securityHeaders(deps.config),
    cors(origins),
    errorHandler(deps, deps.flows.now),
    publicMetrics(deps),
    developmentMailbox({ ...deps, mailbox: deps.mailbox, page: createMailboxPage() }),
    router(routes, { ...deps, origins }),
    deps.pages,
    notFound(routes),
  ];
}

/**
 * Makes the HTTP API as a Koa app: the API, the key set, health and the pages.
 *
 * @example
 * const server = createServer(serverOptions, createHttpApp(deps).callback());
 * configureServer(server);
 */
export function createHttpApp(deps: HttpAppDeps): Koa<State> {
  const app = new Koa<State>();
  for (const layer of httpMiddleware(deps)) app.use(layer);
  // Only what happens after the answer began comes here: a reader that went away, a file that ended early.
  app.on('error', (error: unknown) => deps.log.debug({ err: error }, 'answer broken off'));
  return app;
}
