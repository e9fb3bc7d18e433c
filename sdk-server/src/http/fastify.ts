import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessClaims } from '@latchkey/contract';
import { assertGuard } from './assert-guard.ts';
import type { RequestAuthenticator, RouteOptions } from './authenticate.ts';

// biome-ignore lint/suspicious/noTsIgnore: @ts-expect-error fails where Fastify is installed
/** @ts-ignore Apps without Fastify have no such module. */
declare module 'fastify' {
  interface FastifyRequest {
    /** The caller, set by the guard `latchkey.fastify()`. Missing on routes without the guard. */
    auth: AccessClaims;
  }
}

/** What the guard needs of Fastify's request. */
interface FastifyRequest {
  readonly raw: IncomingMessage;
  auth?: AccessClaims;
}

/** What the guard needs of Fastify's reply. */
interface FastifyReply {
  readonly raw?: ServerResponse;
  code(status: number): FastifyReply;
  headers(values: Record<string, string>): FastifyReply;
  send(body: unknown): FastifyReply;
}

/** `onRequest` hook for Fastify. Sets `request.auth` to the caller's claims. */
export type FastifyGuard = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;

export function createFastifyGuard(authenticate: RequestAuthenticator, options?: RouteOptions): FastifyGuard {
  return async (request, reply) => {
    assertGuard('fastify', request.raw !== undefined && typeof reply?.code === 'function');
    const result = authenticate(request.raw, options);
    const admission = result instanceof Promise ? await result : result;
    if ('auth' in admission) {
      reply.headers({ ...admission.headers });
      request.auth = admission.auth;
      return undefined;
    }
    const { status, headers, body } = admission.refusal;
    return reply
      .code(status)
      .headers({ ...headers })
      .send(JSON.stringify(body));
  };
}
