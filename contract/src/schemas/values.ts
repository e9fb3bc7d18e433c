import { z } from 'zod';
import { maxCredentialLength } from '../credential.ts';
import { bytes32Pattern, codeVerifierPattern, rotationKeyPattern, thumbprintPattern } from '../patterns.ts';
import { maxProofLength } from '../proof.ts';
import { parseScope } from '../scope.ts';
import { logoutScopes } from '../socket.ts';

/** A JWT. Its signature and its type are not checked here. */
export const credentialSchema = z.string().min(1).max(maxCredentialLength);

/** Schema of a rotation key: 16 bytes as base64url. */
export const rotationKeySchema = z.string().regex(rotationKeyPattern, 'has to be 16 bytes as base64url');

/** Schema of a code verifier (RFC 7636 §4.1). */
export const codeVerifierSchema = z.string().regex(codeVerifierPattern, 'has to be 43 to 128 unreserved characters');

/** RFC 7636 §4.2: SHA-256 as base64url. */
export const codeChallengeSchema = z.string().regex(bytes32Pattern, 'has to be 32 bytes as base64url');

/** Schema of a ticket, or of the secret of a link: 32 random bytes as base64url. */
export const mailSecretSchema = z.string().regex(bytes32Pattern, 'has to be 32 bytes as base64url');

/** RFC 9449 §10.1: an RFC 7638 thumbprint. */
export const keyThumbprintSchema = z.string().regex(thumbprintPattern, 'has to be 32 bytes as base64url');

/** RFC 6749 §3.3. */
export const scopeSchema = z
  .string()
  .refine((list) => parseScope(list) !== undefined, 'has to be scopes with one space between them');

/** Schema of `asked_at`: epoch milliseconds of the database. */
export const askedAtSchema = z.number().min(0).max(Number.MAX_SAFE_INTEGER);

/** Schema of {@link LogoutScope}. */
export const logoutScopeSchema = z.enum(logoutScopes);

/** Fields beside the credential that an exchange takes, on sockets of browsers and of backends. */
export const exchangeFields = {
  code_verifier: codeVerifierSchema.optional(),
  rotation_key: rotationKeySchema.optional(),
  also_rotation_keys: z.array(rotationKeySchema).max(3).optional(),
  asked_at: askedAtSchema.optional(),
  proof: z.string().min(1).max(maxProofLength).optional(),
};
