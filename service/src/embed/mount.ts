import type { IncomingMessage, ServerResponse } from 'node:http';
import { detectFramework } from '@latchkey/core/internal';
import type Koa from 'koa';
import type { Middleware } from '../http/context.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import { type ExpressMiddleware, toExpressMiddleware } from './express-middleware.ts';

/** What {@link HostApp} needs of an Express app. */
export interface ExpressApp {
  (request: IncomingMessage, response: ServerResponse): unknown;
  use(middleware: ExpressMiddleware): unknown;
}

/** The app of the host: `new Koa()` or `express()`. */
export type HostApp = Koa | ExpressApp;

/**
 * Returns the function that adds a layer to the app.
 *
 * @param where the call, for the error's sentence
 * @throws TypeError the app is of another framework
 */
export function mountOn(where: string, app: HostApp, log: Pick<ServiceLogger, 'debug'>): (layer: Middleware) => void {
  const framework = detectFramework(where, app);
  const onError = (error: unknown) => log.debug({ err: error }, 'answer broken off');
  return framework === 'koa'
    ? (layer) => void (app as Koa).use(layer as Koa.Middleware)
    : (layer) => void (app as ExpressApp).use(toExpressMiddleware(layer, onError));
}
