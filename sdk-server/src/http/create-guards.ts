import type { InFlightRequests } from '../shutdown/in-flight-requests.ts';
import {
  assertRouteOptions,
  createRequestAuthenticator,
  type RequestAuthenticatorDeps,
  type RouteOptions,
} from './authenticate.ts';
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

interface GuardsDeps extends RequestAuthenticatorDeps {
  /** A stop waits for the requests of guarded routes. */
  readonly requests: Pick<InFlightRequests, 'tracked'>;
}

/** @throws TypeError when the options of a route make no sense */
export function createGuards({ requests: { tracked }, ...deps }: GuardsDeps): Guards {
  const authenticate = createRequestAuthenticator(deps);
  return Object.freeze<Guards>({
    express: (route) =>
      tracked(createExpressGuard(authenticate, assertRouteOptions(route)), (_request, response) => response),
    koa: (route) => tracked(createKoaGuard(authenticate, assertRouteOptions(route)), (ctx) => ctx?.res),
    fastify: (route) =>
      tracked(createFastifyGuard(authenticate, assertRouteOptions(route)), (_request, reply) => reply?.raw),
    node: (route) =>
      tracked(createNodeGuard(authenticate, assertRouteOptions(route)), (_request, response) => response),
  });
}
