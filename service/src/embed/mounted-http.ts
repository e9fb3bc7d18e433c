import { paths } from '@latchkey/contract';
import type { Middleware } from '../http/context.ts';
import type { HttpAppDeps } from '../http/deps.ts';
import { accessLog, requestId } from '../http/middleware/access-log.ts';
import { errorHandler, hasValidTarget } from '../http/middleware/error-handler.ts';
import { createOrigins } from '../http/middleware/origins.ts';
import { cors, securityHeaders } from '../http/middleware/security.ts';
import type { HttpRoute } from '../http/route.ts';
import { router } from '../http/router.ts';
import { createRoutes } from '../http/routes.ts';

interface MountedHttpDeps extends Omit<HttpAppDeps, 'describeSockets' | 'pages'> {
  /** A request begins that a stop waits for. @throws server_draining */
  readonly registerActivity: (name: string) => () => void;
  /** @throws unavailable the node has not started, or is stopping */
  readonly assertServing: () => void;
}

/**
 * The API as one middleware of the host's Koa app. Its headers, log and errors apply only to requests of its routes, by
 * path and method. Other requests are passed to the host unchanged. A target that is no URL is refused here, because it
 * would throw when the host reads the path.
 */
export function mountedHttp(deps: MountedHttpDeps): Middleware {
  const { config } = deps;
  const origins = createOrigins(deps);
  const allowed = cors(origins);
  const shared = [requestId(), accessLog(deps), securityHeaders(config), allowed, errorHandler(deps, deps.flows.now)];
  const before = (route: HttpRoute) => [...shared, trackActivity(route, deps)];
  const routes = router(createRoutes(deps), { ...deps, origins }, { before, preflight: allowed });
  const refuse = compose(shared);
  return (ctx, next) => (hasValidTarget(ctx) ? routes(ctx, next) : refuse(ctx, next));
}

function compose(layers: readonly Middleware[]): Middleware {
  return (ctx, next) => {
    const run = layers.reduceRight<() => Promise<unknown>>((inner, layer) => async () => layer(ctx, inner), next);
    return run();
  };
}

/** Served before the start and until the end. */
const alwaysServed: ReadonlySet<string> = new Set([paths.healthLive, paths.healthReady]);

/** Serves a route while the node is running. A stop waits until the response is sent or its client has disconnected. */
function trackActivity(
  { method, path }: HttpRoute,
  { registerActivity, assertServing }: Pick<MountedHttpDeps, 'registerActivity' | 'assertServing'>,
): Middleware {
  return async (ctx, next) => {
    if (!alwaysServed.has(path)) {
      // A client may have disconnected while a layer of the host was at work: there is no further `close`.
      if (!ctx.res.closed) ctx.res.once('close', registerActivity(`${method} ${path}`));
      assertServing();
    }
    await next();
  };
}
