import { proofConstants } from '@latchkey/contract';
import type { HttpRoute } from '../route.ts';

/** How callers authenticate (OpenAPI 3.1, Security Scheme Object). */
export const securitySchemes = {
  accessToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'Access token of a session that is bound to no key (RFC 6750).',
  },
  boundAccessToken: {
    type: 'http',
    scheme: proofConstants.header,
    description: 'Access token of a session that is bound to a key, with a proof in the header `DPoP` (RFC 9449).',
  },
  adminToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'Admin token of an operator: `refresh { admin: true }` on a live socket. Valid for `/admin` only.',
  },
  boundAdminToken: {
    type: 'http',
    scheme: proofConstants.header,
    description: 'Admin token of a session that is bound to a key, with a proof in the header `DPoP` (RFC 9449).',
  },
  backend: {
    type: 'http',
    scheme: 'basic',
    description: 'Id and secret of a backend, each encoded as in a form (RFC 6749 §2.3.1).',
  },
};

type Requirement = Partial<Record<keyof typeof securitySchemes, readonly string[]>>;

/** Of each authentication, the schemes of which one is enough. */
export const securityOf = {
  none: [],
  bearer: [{ accessToken: [] }, { boundAccessToken: [] }],
  // `{}`: id and secret in the body.
  client: [{ backend: [] }, {}],
  admin: [{ adminToken: [] }, { boundAdminToken: [] }, { backend: [] }],
} as const satisfies Record<HttpRoute['auth'], readonly Requirement[]>;
