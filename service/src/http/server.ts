import Koa from 'koa';
import { accessLog, requestId } from './access-log.ts';
import type { Layer, State } from './context.ts';
import type { HttpDeps } from './needs.ts';
import { createOrigins } from './origins.ts';
import { problem } from './problem.ts';
import { router } from './router.ts';
import { createRoutes } from './routes.ts';
import { cors, securityHeaders } from './security.ts';
import { unknownPath } from './unknown-path.ts';

export type { HttpConfig, HttpDeps } from './needs.ts';
export { serverOptions, tuneServer } from './tune-server.ts';

/** The order in which a request passes, as a list. */
function httpLayers(deps: HttpDeps): readonly Layer[] {
  const routes = createRoutes(deps);
  const origins = createOrigins(deps);
  return [
    requestId(),
    accessLog(deps.log, deps.clock),
    securityHeaders(deps.config),
    cors(origins),
    problem(deps, deps.flows.now),
    router(routes, { ...deps, origins }),
    deps.pages,
    unknownPath(routes),
  ];
}

/**
 * Makes the HTTP door as a Koa app: the API, the key set, health and the pages.
 *
 * @example
 * const server = createServer(serverOptions, createHttp(deps).callback());
 * tuneServer(server);
 */
export function createHttp(deps: HttpDeps): Koa<State> {
  const app = new Koa<State>();
  for (const layer of httpLayers(deps)) app.use(layer);
  // Only what happens after the answer began comes here: a reader that went away, a file that ended early.
  app.on('error', (error: unknown) => deps.log.debug({ err: error }, 'answer broken off'));
  return app;
}
