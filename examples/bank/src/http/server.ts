import { fileURLToPath } from 'node:url';
import Router from '@koa/router';
import type { AccessClaims } from '@latchkey/contract';
import type { Latchkey, Logger } from '@latchkey/sdk-server';
import { withUnavailable } from '@latchkey/sdk-server/transaction';
import Koa from 'koa';
import helmet from 'koa-helmet';
import serve from 'koa-static';
import type { Kysely } from 'kysely';
import { listBookings } from '../account/booking-store.ts';
import type { BankConfig } from '../config/env.ts';
import type { BankSchema } from '../database/schema.ts';
import { errorHandler } from './error-handler.ts';

interface HttpAppDeps {
  readonly config: Pick<BankConfig, 'publicUrl' | 'latchkeyUrl'>;
  readonly latchkey: Pick<Latchkey, 'koa' | 'health' | 'isServerShutDownInProgress'>;
  readonly db: Kysely<BankSchema>;
  readonly log: Logger;
}

/** Folder of the built page, from `src` and from `dist` alike. */
const builtPage = fileURLToPath(new URL('../../page/dist', import.meta.url));
const maxBookings = 50;
const yearMs = 365 * 24 * 3_600_000;

/**
 * The bank over HTTP: its page, the settings of the page, health, and one guarded route:
 * `GET /bookings` → the caller's latest bookings, newest first.
 */
export function createHttpApp({ config, latchkey, db, log }: HttpAppDeps): Koa {
  const router = new Router<{ auth: AccessClaims }>();
  router.get('/settings', (ctx) => {
    ctx.body = { latchkey_url: config.latchkeyUrl };
  });
  router.get('/health/ready', (ctx) => {
    const isReady = latchkey.health().isReady && !latchkey.isServerShutDownInProgress();
    ctx.status = isReady ? 200 : 503;
    ctx.body = { ready: isReady };
  });
  router.get('/bookings', latchkey.koa(), async (ctx) => {
    const { tid: tenantId, sub: userId } = ctx.state.auth;
    ctx.set('Cache-Control', 'no-store');
    ctx.body = await withUnavailable(() => listBookings(db, { tenantId, userId }, maxBookings));
  });

  const app = new Koa();
  app.on('error', (error: unknown) => log.warn({ error: String(error) }, 'a response was aborted'));
  app.use(securityHeaders(config));
  app.use(errorHandler(log));
  app.use(router.routes());
  app.use(serve(builtPage, { setHeaders: cacheByName }));
  return app;
}

/** The page may connect to its own origin and to the service only. */
function securityHeaders({ publicUrl, latchkeyUrl }: HttpAppDeps['config']): Koa.Middleware {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'"],
        'connect-src': ["'self'", publicUrl.replace(/^http/, 'ws'), latchkeyUrl],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
      },
    },
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  }) as Koa.Middleware;
}

/** Names below `/assets/` contain a hash of the content. Browsers revalidate every other file. */
function cacheByName(response: { setHeader(name: string, value: string): unknown }, path: string): void {
  const isHashed = path.includes('/assets/');
  response.setHeader('Cache-Control', isHashed ? `public, max-age=${yearMs / 1_000}, immutable` : 'no-cache');
}
