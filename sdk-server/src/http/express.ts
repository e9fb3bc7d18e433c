import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessClaims } from '@latchkey/contract';
import { assertGuard } from './assert-guard.ts';
import { type AuthResult, noHeaders, type RequestAuthenticator, type RouteOptions } from './authenticate.ts';
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
) => void | Promise<void>;

export function createExpressGuard(authenticate: RequestAuthenticator, options?: RouteOptions): ExpressGuard {
  return (request, response, next) => {
    assertGuard('express', typeof next === 'function' && typeof response.writeHead === 'function');
    const admit = (result: AuthResult) => {
      if ('refusal' in result) return sendRefusal(response, result.refusal);
      if (result.headers !== noHeaders) setHeaders(response, result.headers);
      request.auth = result.auth;
      next();
    };
    const result = authenticate(request, options);
    return result instanceof Promise ? result.then(admit) : admit(result);
  };
}
