import { type ErrorCode, proofConstants } from '@latchkey/contract';
import type { HttpRoute } from '../route.ts';

const text = { type: 'string' };

/** Headers of answers, as components. */
export const headers = {
  RequestId: {
    description: 'Id of the request, also in the log.',
    required: true,
    schema: { ...text, format: 'uuid' },
  },
  NoStore: { description: 'RFC 9111.', required: true, schema: { ...text, const: 'no-store' } },
  RetryAfter: {
    description: 'Seconds to wait before the next attempt.',
    required: true,
    schema: { type: 'integer', minimum: 1 },
  },
  Challenge: { description: 'How to authenticate (RFC 6750, RFC 7617, RFC 9449).', schema: text },
  ProofNonce: { description: 'The nonce of the next proof (RFC 9449). With each answer to a proof.', schema: text },
};

const ref = (name: keyof typeof headers) => ({ $ref: `#/components/headers/${name}` });

/** True for routes that check the proof of a key. */
export const takesProof = ({ auth, path }: Pick<HttpRoute, 'auth' | 'path'>): boolean =>
  auth === 'bearer' || auth === 'admin' || path === '/oauth/token';

/** The header of a request with a proof. */
export const proofParameter = {
  name: proofConstants.header,
  in: 'header',
  description: 'Proof of the key that the session or the code is bound to (RFC 9449).',
  schema: text,
};

const cacheHeaders = {
  'no-store': { 'Cache-Control': ref('NoStore') },
  'public, max-age=60': cachedFor('public, max-age=60'),
  'public, max-age=31536000, immutable': cachedFor('public, max-age=31536000, immutable'),
} as const satisfies Record<HttpRoute['cache'], object>;

function cachedFor(value: string) {
  return { 'Cache-Control': { required: true, schema: { ...text, const: value } } };
}

const nonce = { [proofConstants.nonceHeader]: ref('ProofNonce') };

/** Headers of what a route returns. */
export function successHeaders(route: Pick<HttpRoute, 'auth' | 'cache' | 'path'>) {
  return {
    'X-Request-Id': ref('RequestId'),
    ...cacheHeaders[route.cache],
    ...(takesProof(route) ? nonce : {}),
  };
}

/** Headers of a refusal. */
export function refusalHeaders(status: number, codes: readonly ErrorCode[]) {
  return {
    'X-Request-Id': ref('RequestId'),
    'Cache-Control': ref('NoStore'),
    ...(status === 429 || status === 503 ? { 'Retry-After': ref('RetryAfter') } : {}),
    ...(status === 401 && codes.includes('unauthenticated') ? { 'WWW-Authenticate': ref('Challenge') } : {}),
    ...(codes.includes('use_dpop_nonce') ? nonce : {}),
  };
}
