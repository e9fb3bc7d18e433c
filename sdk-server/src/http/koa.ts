import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessClaims } from '@latchkey/contract';
import { assertGuard } from './assert-guard.ts';
import { type AuthResult, noHeaders, type RequestAuthenticator, type RouteOptions } from './authenticate.ts';
import type { GuardedRequest } from './guarded-request.ts';
import type { HttpRefusal } from './refusal.ts';

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
export type KoaGuard = (ctx: KoaContext, next: () => Promise<unknown>) => unknown;

export function createKoaGuard(authenticate: RequestAuthenticator, options?: RouteOptions): KoaGuard {
  return (ctx, next) => {
    assertGuard('koa', typeof next === 'function' && ctx.req !== undefined);
    const admit = (result: AuthResult) => {
      if ('refusal' in result) return sendRefusal(ctx, result.refusal);
      if (result.headers !== noHeaders) ctx.set({ ...result.headers });
      ctx.state.auth = result.auth;
      return next();
    };
    const result = authenticate(toGuardedRequest(ctx), options);
    return result instanceof Promise ? result.then(admit) : admit(result);
  };
}

function sendRefusal(ctx: KoaContext, { status, headers, body }: HttpRefusal): void {
  ctx.status = status;
  ctx.body = body;
  ctx.set({ ...headers });
}

function toGuardedRequest({ req, originalUrl }: KoaContext): GuardedRequest {
  const { headers, method, url, socket } = req;
  return { headers, method, url, socket, originalUrl };
}
