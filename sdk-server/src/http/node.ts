import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessClaims } from '@latchkey/contract';
import { assertGuard } from './assert-guard.ts';
import type { Authenticate, RouteOptions } from './authenticate.ts';
import type { Refusal } from './refusal.ts';

/** The caller, or `undefined` when the request has been refused and answered. */
export type NodeGuard = (request: IncomingMessage, response: ServerResponse) => Promise<AccessClaims | undefined>;

/** Somebody else may have answered while the caller was checked, such as a timeout of the app's: that answer stands. */
export function sendRefusal(response: ServerResponse, { status, headers, body }: Refusal): void {
  if (response.headersSent) return;
  response.writeHead(status, headers).end(JSON.stringify(body));
}

export function tell(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  if (response.headersSent) return;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

export function createNodeGuard(authenticate: Authenticate, options?: RouteOptions): NodeGuard {
  return async (request, response) => {
    assertGuard('node', typeof response?.writeHead === 'function');
    const admission = await authenticate(request, options);
    if ('auth' in admission) {
      tell(response, admission.headers);
      return admission.auth;
    }
    sendRefusal(response, admission.refusal);
    return undefined;
  };
}
