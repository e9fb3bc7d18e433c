import { type ErrorCode, errors, Failure, fail, toFailure, toProblem } from '@latchkey/contract';
import { accessTokenChallenge } from '@latchkey/core';
import type { Context, Middleware } from '../context.ts';
import type { HttpAppDeps } from '../deps.ts';
import { clientChallenge } from './client-credential.ts';
import { toOAuthError } from './oauth-error.ts';

interface ErrorLogs {
  readonly log: HttpAppDeps['log'];
  readonly causes: Pick<HttpAppDeps['causes'], 'report'>;
}

interface ErrorHandlerDeps extends ErrorLogs {
  readonly config: Pick<HttpAppDeps['config'], 'production'>;
}

/**
 * The only catch of the HTTP API: each error leaves as one answer of the error table. Outside of production it says what a
 * developer has to change (`detail` of the failure).
 *
 * @param now the database's time in epoch ms
 */
export function errorHandler({ config, ...logs }: ErrorHandlerDeps, now: () => number | undefined): Middleware {
  return async (ctx, next) => {
    try {
      if (!hasValidTarget(ctx)) throw fail('invalid_request');
      await next();
    } catch (error) {
      const failure = toHttpFailure(error).with({ nowMs: now() });
      logFailure(logs, ctx, failure);
      sendProblem(ctx, config.production ? failure : withDetail(failure));
    }
  };
}

function withDetail(failure: Failure): Failure {
  const { code, detail, message } = failure;
  if (detail === undefined) return failure;
  return failure.with({ message: message === errors[code].message ? detail : `${message} ${detail}` });
}

/** False: the target is no address, so that no route can be looked for. */
export function hasValidTarget(ctx: Context): boolean {
  return pathOf(ctx) !== undefined;
}

/** `undefined` if the target is no URL (`http://[:::/me`). Koa throws only when the path is read. */
function pathOf(ctx: Context): string | undefined {
  try {
    return ctx.path;
  } catch {
    return undefined;
  }
}

/** Errors of the HTTP libraries: http-errors, which have a status. */
const codesByStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_request',
  403: 'not_found',
  404: 'not_found',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
};

function toHttpFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const status = error instanceof Error && 'status' in error ? codesByStatus[Number(error.status)] : undefined;
  return status === undefined ? toFailure(error) : fail(status);
}

/** One line for each defect. Failures of the infrastructure come many at once, and are counted. */
function logFailure({ log, causes }: ErrorLogs, ctx: Context, failure: Failure): void {
  ctx.state.code = failure.code;
  const { requestId: request_id, route = '-' } = ctx.state;
  const { status } = errors[failure.code];
  if (status === 503) causes.report('requests_unavailable', { request_id, route, err: failure });
  else if (status >= 500) log.error({ request_id, route, err: failure }, 'request failed');
  else log.debug({ request_id, route, error: failure.code, detail: failure.detail }, 'request refused');
}

function sendProblem(ctx: Context, failure: Failure): void {
  const { requestId } = ctx.state;
  const oauth = pathOf(ctx)?.startsWith('/oauth/') ? toOAuthError(failure, requestId) : undefined;
  ctx.status = oauth?.status ?? errors[failure.code].status;
  ctx.body = oauth?.body ?? toProblem(failure, requestId);
  ctx.type = oauth === undefined ? 'application/problem+json' : 'application/json';
  ctx.set('Cache-Control', 'no-store');
  if (oauth !== undefined) ctx.set('Pragma', 'no-cache');
  if (ctx.status === 401 && ctx.state.bearer)
    ctx.set('WWW-Authenticate', accessTokenChallenge(failure.code, ctx.state));
  if (ctx.status === 401 && oauth !== undefined) ctx.set('WWW-Authenticate', clientChallenge);
  if (ctx.status === 503 || ctx.status === 429) ctx.set('Retry-After', retryAfter(failure));
}

function retryAfter({ retryAfterMs = 1_000 }: Failure): string {
  return String(Math.max(1, Math.ceil(retryAfterMs / 1_000)));
}
