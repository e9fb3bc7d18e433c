import { randomUUID } from 'node:crypto';
import type { ErrorCode } from '@latchkey/contract';
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

/** A request that was answered, or whose client has disconnected. */
interface AnsweredRequest {
  readonly method: string;
  /** Pattern of its route. `undefined`: a page, or an unknown path. */
  readonly route: string | undefined;
  readonly status: number;
  /** Why it was refused. */
  readonly code: ErrorCode | undefined;
  readonly tookMs: number;
}

export type RequestObserver = (request: AnsweredRequest) => void;

interface AccessLogDeps {
  readonly log: ServiceLogger;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly onAnswered?: RequestObserver | undefined;
}

/** Routes that programs poll. */
const isPolled = (route: string | undefined) => route?.startsWith('/health/') || route === '/metrics';

/** One line a request once its connection is done with it: the route's pattern, never the raw URL, a header or a body. */
export function accessLog({ log, clock, onAnswered = () => {} }: AccessLogDeps): Middleware {
  return async (ctx, next) => {
    const begin = clock.monotonic();
    ctx.res.once('close', () => {
      const tookMs = clock.monotonic() - begin;
      const { route, code } = ctx.state;
      log[isPolled(route) ? 'debug' : 'info'](accessFields(ctx, Math.round(tookMs * 10) / 10), 'request');
      onAnswered({ method: ctx.method, route, status: ctx.res.statusCode, code, tookMs });
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
