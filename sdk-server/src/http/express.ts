import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessClaims } from '@latchkey/contract';
import { assertGuard } from './assert-guard.ts';
import type { RequestAuthenticator, RouteOptions } from './authenticate.ts';
import { sendRefusal, setHeaders } from './node.ts';

declare global {
  namespace Express {
    interface Request {
      /** The caller, set by the guard `latchkey.express()`. Missing on routes without the guard. */
      auth: AccessClaims;
    }
  }
}

/** Middleware for Express and Connect. Sets `req.auth` to the caller's claims. */
export type ExpressGuard = (
  request: IncomingMessage & { auth?: AccessClaims; originalUrl?: string },
  response: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void>;

export function createExpressGuard(authenticate: RequestAuthenticator, options?: RouteOptions): ExpressGuard {
  return async (request, response, next) => {
    assertGuard('express', typeof next === 'function' && typeof response.writeHead === 'function');
    const result = authenticate(request, options);
    const admission = result instanceof Promise ? await result : result;
    if ('refusal' in admission) return sendRefusal(response, admission.refusal);
    setHeaders(response, admission.headers);
    request.auth = admission.auth;
    next();
  };
}
