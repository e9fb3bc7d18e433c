import type { AccessClaims } from '@latchkey/contract';
import type { Middleware } from 'koa';
import type { RouteOptions } from './http/authenticate.ts';
import type { Guards } from './http/create-guards.ts';

export type { KoaGuard } from './http/koa.ts';

/** What the guard adds to `ctx.state`, for handlers and routers that are typed apart from the guard. */
export interface AuthState {
  auth: AccessClaims;
}

/**
 * The guard `latchkey.koa(options)` as middleware in the types of Koa.
 *
 * @throws TypeError for an option that does not exist
 * @example
 * const router = new Router<AuthState>();
 * router.use(koaGuard(latchkey));
 * router.get('/me', (ctx) => void (ctx.body = { user: ctx.state.auth.sub }));
 */
export function koaGuard(latchkey: Pick<Guards, 'koa'>, options?: RouteOptions): Middleware<AuthState> {
  return latchkey.koa(options);
}
