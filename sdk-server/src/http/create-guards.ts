import type { Requests } from '../shutdown/requests.ts';
import { type AuthenticateDeps, checkedRoute, createAuthenticate, type RouteOptions } from './authenticate.ts';
import { createExpressGuard, type ExpressGuard } from './express.ts';
import { createFastifyGuard, type FastifyGuard } from './fastify.ts';
import { createKoaGuard, type KoaGuard } from './koa.ts';
import { createNodeGuard, type NodeGuard } from './node.ts';

/** Guards of routes for each framework, with one check behind them. */
export interface Guards {
  /** Middleware for Express; the caller is in `req.auth`. */
  express(options?: RouteOptions): ExpressGuard;
  /** Middleware for Koa; the caller is in `ctx.state.auth`. */
  koa(options?: RouteOptions): KoaGuard;
  /** `onRequest` hook for Fastify; the caller is in `request.auth`. */
  fastify(options?: RouteOptions): FastifyGuard;
  /** For plain `node:http`: resolves with the caller, or with `undefined` when the request was refused and answered. */
  node(options?: RouteOptions): NodeGuard;
}

interface GuardsDeps extends AuthenticateDeps {
  /** A stop waits for the requests of guarded routes. */
  readonly requests: Pick<Requests, 'holding'>;
}

/** @throws TypeError when the options of a route make no sense */
export function createGuards({ requests: { holding }, ...deps }: GuardsDeps): Guards {
  const authenticate = createAuthenticate(deps);
  return Object.freeze<Guards>({
    express: (route) =>
      holding(createExpressGuard(authenticate, checkedRoute(route)), (_request, response) => response),
    koa: (route) => holding(createKoaGuard(authenticate, checkedRoute(route)), (ctx) => ctx?.res),
    fastify: (route) => holding(createFastifyGuard(authenticate, checkedRoute(route)), (_request, reply) => reply?.raw),
    node: (route) => holding(createNodeGuard(authenticate, checkedRoute(route)), (_request, response) => response),
  });
}
