import Koa from 'koa';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import type { Flows } from '../flow/flows.ts';
import type { Log } from '../ops/log.ts';
import { accessLog, requestId } from './access-log.ts';
import type { Layer, State } from './context.ts';
import type { Health } from './health.ts';
import { problem } from './problem.ts';
import { router } from './router.ts';
import { createRoutes } from './routes.ts';
import { cors, securityHeaders } from './security.ts';
import { unknownPath } from './unknown-path.ts';
import type { JwkSet } from './well-known.ts';

export type HttpConfig = Pick<Config, 'allowedOrigins' | 'publicUrl' | 'issuer' | 'trustProxy' | 'requirePkce'>;

export interface HttpDeps {
  readonly config: HttpConfig;
  readonly flows: Flows;
  readonly log: Log;
  readonly health: Health;
  /** Public keys of access tokens, current and next and previous. */
  readonly jwks: () => JwkSet;
  readonly clock: Clock;
  /** Serves what is no route of the API; {@link createPages}, or a layer that only calls `next`. */
  readonly pages: Layer;
}

/** The order in which a request passes, as a list. */
export function httpLayers(deps: HttpDeps): readonly Layer[] {
  const routes = createRoutes(deps);
  return [
    requestId(),
    accessLog(deps.log, deps.clock),
    securityHeaders(deps.config),
    cors(deps.config),
    problem(deps.log),
    router(routes, deps),
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
