import koaCors from '@koa/cors';
import { proofConstants } from '@latchkey/contract';
import helmet from 'koa-helmet';
import type { Context, Middleware } from '../context.ts';
import type { HttpConfig } from '../deps.ts';
import type { Origins } from './origins.ts';

/** Headers of every answer. The policy fits pages whose scripts and styles are files of this origin. */
export function securityHeaders({ publicUrl }: Pick<HttpConfig, 'publicUrl'>): Middleware {
  const tls = publicUrl.startsWith('https://');
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'"],
        'font-src': ["'self'"],
        // Safari before 15.4 does not count the WebSocket of the same host as 'self'.
        'connect-src': ["'self'", publicUrl.replace(/^http/, 'ws')],
        'manifest-src': ["'self'"],
        'form-action': ["'self'"],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
        ...(tls ? { 'upgrade-insecure-requests': [] } : {}),
      },
    },
    strictTransportSecurity: tls ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  }) as Middleware;
}

/** CORS by a list, without cookies: an origin that is not on it gets no header at all. */
export function cors({ isAllowed, report }: Origins): Middleware {
  return koaCors({
    origin(ctx) {
      report(ctx as Context);
      return isAllowed(ctx.get('Origin')) ? ctx.get('Origin') : '';
    },
    allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', proofConstants.header],
    exposeHeaders: [proofConstants.nonceHeader, 'Retry-After', 'WWW-Authenticate', 'X-Request-Id'],
    maxAge: 600,
  }) as unknown as Middleware;
}
