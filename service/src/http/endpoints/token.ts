import { fail, type TokenResponse, tokenTypes } from '@latchkey/contract';
import { codeVerifierSchema, credentialSchema, rotationKeySchema, scopeSchema } from '@latchkey/contract/schemas';
import { peekJwtHeader } from '@latchkey/core/internal';
import { z } from 'zod';
import type { Flows } from '../../flow/flows.ts';
import type { CredentialRequest, ExchangeResult } from '../../flow/types.ts';
import { unsupportedGrantType } from '../middleware/oauth-error.ts';
import type { RouteCall } from '../route.ts';
import { askedAt, text, withoutBlanks } from './schemas.ts';

/** Standard clients send these; this service has one redirect rule (the app list), so they say nothing. */
const ignoredFields = { client_id: text(256).optional(), redirect_uri: text(2_048).optional() };

/** In a form a list is one field, its items parted by spaces. */
const additionalRotationKeys = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(' ') : value),
  z.array(rotationKeySchema).max(3).optional(),
);

const codeGrant = (requirePkce: boolean) =>
  z.object({
    grant_type: z.literal('authorization_code'),
    code: credentialSchema,
    code_verifier: requirePkce ? codeVerifierSchema : codeVerifierSchema.optional(),
    rotation_key: rotationKeySchema.optional(),
    asked_at: askedAt,
    // The code says which scopes the sign-in asked for; RFC 6749 §4.1.3 has no such parameter here.
    scope: scopeSchema.optional(),
    ...ignoredFields,
  });

const refreshGrant = z.object({
  grant_type: z.literal('refresh_token'),
  refresh_token: credentialSchema,
  rotation_key: rotationKeySchema.optional(),
  also_rotation_keys: additionalRotationKeys,
  asked_at: askedAt,
  scope: scopeSchema.optional(),
  ...ignoredFields,
});

/** Fields that are not known are ignored (RFC 6749 §3.2). */
export const tokenBody = (requirePkce: boolean) =>
  z.preprocess(
    withoutBlanks,
    z.discriminatedUnion('grant_type', [codeGrant(requirePkce), refreshGrant], { error: grantErrorMessage }),
  );

function grantErrorMessage({ code, input }: { code?: string | undefined; input?: unknown }): string | undefined {
  if (code !== 'invalid_union') return undefined;
  const named = typeof input === 'object' && input !== null && 'grant_type' in input ? input.grant_type : undefined;
  return typeof named === 'string' ? unsupportedGrantType : 'has to be authorization_code or refresh_token';
}

type TokenBody = z.output<ReturnType<typeof tokenBody>>;

export const exchangeToken =
  (flows: Flows) =>
  async ({ body, peer, proof, endpoint, isDisconnected, deadline }: RouteCall<TokenBody>) => {
    const request = { ...toCredentialRequest(body), proof, peer, isDisconnected };
    return toTokenResponse(await flows.exchange(request, endpoint, deadline(body.asked_at)));
  };

/** A grant names one kind of credential. Any other is refused before anything is redeemed. */
function toCredentialRequest(body: TokenBody): Omit<CredentialRequest, 'peer' | 'isDisconnected'> {
  const rotationKey = body.rotation_key;
  if (body.grant_type === 'authorization_code') {
    const header = peekJwtHeader(body.code);
    if (header?.typ !== tokenTypes.code) throw fail('code_invalid');
    return { credential: body.code, header, codeVerifier: body.code_verifier, rotationKey, alsoRotationKeys: [] };
  }
  const header = peekJwtHeader(body.refresh_token);
  if (header?.typ !== tokenTypes.session) throw fail('token_invalid');
  const alsoRotationKeys = body.also_rotation_keys ?? [];
  return { credential: body.refresh_token, header, rotationKey, alsoRotationKeys, scope: body.scope };
}

const toTokenResponse = (grant: ExchangeResult): TokenResponse => ({
  access_token: grant.accessToken,
  token_type: grant.isBound ? 'DPoP' : 'Bearer',
  expires_in: grant.accessTokenExpiresInSeconds,
  refresh_token: grant.token,
  ...(grant.scope === '' ? {} : { scope: grant.scope }),
  session_id: grant.sid,
  now: grant.nowMs,
});
