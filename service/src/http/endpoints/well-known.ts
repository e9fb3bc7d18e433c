import { pagePaths, paths, proofConstants } from '@latchkey/contract';
import { z } from 'zod';

/** Public keys of the module `key`, limited to the fields of the answer. */
export interface JwkSet {
  readonly keys: readonly object[];
}

export const jwksResponse = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('EC'),
      crv: z.literal('P-256'),
      x: z.string(),
      y: z.string(),
      kid: z.string(),
      alg: z.literal('ES256'),
      use: z.literal('sig'),
    }),
  ),
});

const names = z.array(z.string());

/** Schema of the server metadata (RFC 8414 §2, RFC 9207 §3). */
export const metadataResponse = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  revocation_endpoint: z.string(),
  introspection_endpoint: z.string(),
  jwks_uri: z.string(),
  response_types_supported: names,
  response_modes_supported: names,
  authorization_response_iss_parameter_supported: z.boolean(),
  grant_types_supported: names,
  code_challenge_methods_supported: names,
  dpop_signing_alg_values_supported: names,
  token_endpoint_auth_methods_supported: names,
  revocation_endpoint_auth_methods_supported: names,
  introspection_endpoint_auth_methods_supported: names,
  /** Present on an instance that is not in production: it may be tried with users and sessions that are made up. */
  latchkey_development: z.literal(true).optional(),
});

export const jwks = (keys: () => JwkSet) => () =>
  jwksResponse.parse({ keys: keys().keys.map((key) => ({ alg: 'ES256', use: 'sig', ...key })) });

export const metadata =
  ({ issuer, publicUrl, production }: { issuer: string; publicUrl: string; production: boolean }) =>
  () => ({
    issuer,
    authorization_endpoint: `${publicUrl}${pagePaths.signIn}`,
    token_endpoint: `${publicUrl}${paths.oauthToken}`,
    revocation_endpoint: `${publicUrl}${paths.oauthRevoke}`,
    introspection_endpoint: `${publicUrl}${paths.oauthIntrospect}`,
    jwks_uri: `${publicUrl}${paths.jwks}`,
    response_types_supported: ['code'],
    response_modes_supported: ['fragment'],
    authorization_response_iss_parameter_supported: true,
    grant_types_supported: ['authorization_code', 'refresh_token'],
    code_challenge_methods_supported: ['S256'],
    dpop_signing_alg_values_supported: [proofConstants.algorithm],
    token_endpoint_auth_methods_supported: ['none'],
    revocation_endpoint_auth_methods_supported: ['none'],
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    ...(production ? {} : { latchkey_development: true as const }),
  });
