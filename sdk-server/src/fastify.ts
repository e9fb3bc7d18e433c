import type { onRequestAsyncHookHandler } from 'fastify';
import type { RouteOptions } from './http/authenticate.ts';
import type { Guards } from './http/create-guards.ts';

export type { FastifyGuard } from './http/fastify.ts';

/**
 * The guard `latchkey.fastify(options)` as an `onRequest` hook in the types of Fastify.
 *
 * @throws TypeError for an option that does not exist
 * @example
 * fastify.get('/me', { onRequest: fastifyGuard(latchkey) }, async (request) => ({ user: request.auth.sub }));
 */
export function fastifyGuard(latchkey: Pick<Guards, 'fastify'>, options?: RouteOptions): onRequestAsyncHookHandler {
  return latchkey.fastify(options);
}
