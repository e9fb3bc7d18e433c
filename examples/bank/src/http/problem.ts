import { randomUUID } from 'node:crypto';
import { errors, Failure, fail, type Problem } from '@latchkey/contract';
import type { Log } from '@latchkey/sdk-server';
import type Koa from 'koa';

/** The only catch of the HTTP door: `application/problem+json` (RFC 9457); what was not foreseen stands in the log only. */
export function problem(log: Log): Koa.Middleware {
  return async (ctx, next) => {
    try {
      await next();
      if (ctx.status === 404 && ctx.body === undefined) throw fail('not_found');
    } catch (error) {
      const requestId = randomUUID();
      const failure = error instanceof Failure ? error : fail('internal_error', { cause: error });
      const { status } = errors[failure.code];
      if (status >= 500) log.error({ request_id: requestId, error: String(error) }, 'a request failed');
      ctx.status = status;
      ctx.body = bodyOf(failure, requestId);
      ctx.type = 'application/problem+json';
    }
  };
}

function bodyOf({ code, message, retryAfterMs }: Failure, requestId: string): Problem {
  const { status } = errors[code];
  const later = retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs };
  return { type: `urn:latchkey:error:${code}`, title: message, status, code, request_id: requestId, ...later };
}
