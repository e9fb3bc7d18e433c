import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessClaims } from '@latchkey/contract';
import { assertGuard } from './assert-guard.ts';
import type { RequestAuthenticator, RouteOptions } from './authenticate.ts';
import type { GuardedRequest } from './guarded-request.ts';

/** What the guard needs of Koa's context. */
interface KoaContext {
  readonly req: IncomingMessage;
  readonly res?: ServerResponse;
  /** As it came, also below a mounted app. */
  readonly originalUrl?: string;
  state: { auth: AccessClaims };
  status: number;
  body: unknown;
  set(headers: Record<string, string>): void;
}

/** Middleware for Koa. Sets `ctx.state.auth` to the caller's claims. */
export type KoaGuard = (ctx: KoaContext, next: () => Promise<unknown>) => Promise<void>;

export function createKoaGuard(authenticate: RequestAuthenticator, options?: RouteOptions): KoaGuard {
  return async (ctx, next) => {
    assertGuard('koa', typeof next === 'function' && ctx.req !== undefined);
    const result = authenticate(toGuardedRequest(ctx), options);
    const admission = result instanceof Promise ? await result : result;
    if ('auth' in admission) {
      ctx.set({ ...admission.headers });
      ctx.state.auth = admission.auth;
      await next();
      return;
    }
    const { status, headers, body } = admission.refusal;
    ctx.status = status;
    ctx.body = body;
    ctx.set({ ...headers });
  };
}

function toGuardedRequest({ req, originalUrl }: KoaContext): GuardedRequest {
  const { headers, method, url, socket } = req;
  return { headers, method, url, socket, originalUrl };
}
