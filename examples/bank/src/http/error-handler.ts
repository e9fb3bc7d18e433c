import { randomUUID } from 'node:crypto';
import { errors, Failure, fail, toProblem } from '@latchkey/contract';
import type { Logger } from '@latchkey/sdk-server';
import type Koa from 'koa';

/** Answers every error as `application/problem+json` (RFC 9457). Unexpected errors are logged and answered without details. */
export function errorHandler(log: Logger): Koa.Middleware {
  return async (ctx, next) => {
    try {
      assertReadablePath(ctx);
      await next();
      if (ctx.status === 404 && ctx.body === undefined) throw fail('not_found');
    } catch (error) {
      const requestId = randomUUID();
      const failure = toFailure(error);
      const { status } = errors[failure.code];
      if (status >= 500) log.error({ request_id: requestId, error: String(error) }, 'a request failed');
      ctx.status = status;
      ctx.body = toProblem(failure, requestId);
      ctx.type = 'application/problem+json';
    }
  };
}

/** Koa parses the request target when `path` is read, and throws if it is no URL (`http://[:::/`). */
function assertReadablePath(ctx: Koa.Context): void {
  try {
    void ctx.path;
  } catch {
    throw fail('invalid_request');
  }
}

/** Errors of Koa and its middleware have a status. A status below 500 is an error of the client. */
function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  if (status === 403 || status === 404) return fail('not_found');
  return status >= 400 && status < 500 ? fail('invalid_request') : fail('internal_error', { cause: error });
}
