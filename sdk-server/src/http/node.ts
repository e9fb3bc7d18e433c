import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessClaims } from '@latchkey/contract';
import { assertGuard } from './assert-guard.ts';
import type { RequestAuthenticator, RouteOptions } from './authenticate.ts';
import type { HttpRefusal } from './refusal.ts';

/** The caller, or `undefined` when the request has been refused and answered. */
export type NodeGuard = (request: IncomingMessage, response: ServerResponse) => Promise<AccessClaims | undefined>;

/** Sends a refusal, unless the app has answered during the check, for example by its timeout. */
export function sendRefusal(response: ServerResponse, { status, headers, body }: HttpRefusal): void {
  if (response.headersSent) return;
  response.writeHead(status, headers).end(JSON.stringify(body));
}

export function setHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  if (response.headersSent) return;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

export function createNodeGuard(authenticate: RequestAuthenticator, options?: RouteOptions): NodeGuard {
  return async (request, response) => {
    assertGuard('node', typeof response?.writeHead === 'function');
    const result = authenticate(request, options);
    const admission = result instanceof Promise ? await result : result;
    if ('auth' in admission) {
      setHeaders(response, admission.headers);
      return admission.auth;
    }
    sendRefusal(response, admission.refusal);
    return undefined;
  };
}
