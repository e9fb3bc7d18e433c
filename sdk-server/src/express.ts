import type { RequestHandler } from 'express';
import type { RouteOptions } from './http/authenticate.ts';
import type { Guards } from './http/create-guards.ts';

export type { ExpressGuard } from './http/express.ts';

/**
 * The guard `latchkey.express(options)` as a handler in the types of Express.
 *
 * @throws TypeError for an option that does not exist
 * @example
 * app.get('/me', expressGuard(latchkey), (req, res) => res.json({ user: req.auth.sub }));
 */
export function expressGuard(latchkey: Pick<Guards, 'express'>, options?: RouteOptions): RequestHandler {
  return latchkey.express(options);
}
