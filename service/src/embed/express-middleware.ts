import type { IncomingMessage, ServerResponse } from 'node:http';
import Koa from 'koa';
import type { Middleware, State } from '../http/context.ts';

export type ExpressMiddleware = (
  request: IncomingMessage & { readonly originalUrl?: string },
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * A layer of Koa as middleware of Express. A request that the layer passes on reaches the next middleware as it came.
 *
 * @param onError receives errors after an answer has begun: a client that disconnected, a body that ended early
 */
export function toExpressMiddleware(middleware: Middleware, onError: (error: unknown) => void): ExpressMiddleware {
  const passed = new WeakSet<IncomingMessage>();
  const app = new Koa<State>();
  app.on('error', onError);
  app.use((ctx, next) => {
    // As Express and a body parser of the host leave them.
    const { originalUrl = ctx.originalUrl, body } = ctx.req as { originalUrl?: string; body?: unknown };
    Object.assign(ctx.request, { originalUrl, body });
    ctx.originalUrl = originalUrl;
    return next();
  });
  app.use(middleware);
  app.use((ctx) => {
    ctx.respond = false;
    passed.add(ctx.req);
  });
  const handle = app.callback();
  return (request, response, next) => {
    const { statusCode } = response;
    void handle(request, response).then(() => {
      if (!passed.has(request)) return;
      response.statusCode = statusCode;
      next();
    });
  };
}
