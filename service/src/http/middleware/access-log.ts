import { randomUUID } from 'node:crypto';
import type { Clock } from '@latchkey/core/internal';
import type { ServiceLogger } from '../../ops/logger.ts';
import type { Context, Middleware } from '../context.ts';

/** Id of each request. Never taken from a header, so that clients cannot write into the log. */
export function requestId(): Middleware {
  return async (ctx, next) => {
    ctx.state.requestId = randomUUID();
    ctx.set('X-Request-Id', ctx.state.requestId);
    await next();
  };
}

/** One line a request once its connection is done with it: the route's pattern, never the raw URL, a header or a body. */
export function accessLog(log: ServiceLogger, clock: Pick<Clock, 'monotonic'>): Middleware {
  return async (ctx, next) => {
    const begin = clock.monotonic();
    ctx.res.once('close', () => {
      const ms = Math.round((clock.monotonic() - begin) * 10) / 10;
      const level = ctx.state.route?.startsWith('/health/') ? 'debug' : 'info';
      log[level](accessFields(ctx, ms), 'request');
    });
    await next();
  };
}

function accessFields({ state, method, res }: Context, ms: number): Record<string, unknown> {
  return {
    request_id: state.requestId,
    method,
    route: state.route ?? '-',
    status: res.statusCode,
    ms,
    ...(state.code === undefined ? {} : { error: state.code }),
    ...(res.writableFinished ? {} : { aborted: true }),
  };
}
