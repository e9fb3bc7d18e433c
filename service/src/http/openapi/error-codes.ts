import type { ErrorCode } from '@latchkey/contract';
import { anyQuery } from '../endpoints/schemas.ts';
import type { HttpRoute } from '../route.ts';

/** Of each route. `server_draining` only inside a host's process. */
export const unavailableErrors = ['overloaded', 'unavailable', 'server_draining'] as const;

const ofBody = ['invalid_request', 'payload_too_large', 'unsupported_media_type', 'request_timeout'] as const;
/** Of each route that takes an access token. */
export const accessTokenErrors = ['unauthenticated', 'proof_required', 'proof_invalid', 'use_dpop_nonce'] as const;

const ofAuth = {
  none: [],
  bearer: accessTokenErrors,
  client: ['unauthenticated', 'invalid_request'],
  admin: [...accessTokenErrors, 'forbidden', 'invalid_request'],
} as const satisfies Record<HttpRoute['auth'], readonly ErrorCode[]>;

/** Each code that a route can answer with, unless a hook of the host throws another one. */
export function errorCodesOf({ auth, firstParty, body, params, query, errors = [] }: HttpRoute): readonly ErrorCode[] {
  const hasInput = body !== undefined || params !== undefined || query !== anyQuery;
  return [
    ...new Set<ErrorCode>([
      ...errors,
      ...(hasInput ? (['invalid_request'] as const) : []),
      ...(body === undefined ? [] : ofBody),
      ...(firstParty ? (['forbidden'] as const) : []),
      ...ofAuth[auth],
      ...unavailableErrors,
      'internal_error',
    ]),
  ];
}
