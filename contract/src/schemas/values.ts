import { z } from 'zod';
import { maxCredentialLength } from '../credential.ts';
import { codeVerifierPattern, rotationKeyPattern } from '../patterns.ts';
import { maxProofLength } from '../proof.ts';
import { logoutScopes } from '../socket.ts';

/** A JWT. Its signature and its type are not checked here. */
export const credentialSchema = z.string().min(1).max(maxCredentialLength);

export const rotationKeySchema = z.string().regex(rotationKeyPattern, 'has to be 16 bytes as base64url');

export const codeVerifierSchema = z.string().regex(codeVerifierPattern, 'has to be 43 to 128 unreserved characters');

export const logoutScopeSchema = z.enum(logoutScopes);

/** Fields beside the credential that an exchange takes, on sockets of browsers and of backends. */
export const exchangeFields = {
  code_verifier: codeVerifierSchema.optional(),
  rotation_key: rotationKeySchema.optional(),
  also_rotation_keys: z.array(rotationKeySchema).max(3).optional(),
  asked_at: z.number().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  proof: z.string().min(1).max(maxProofLength).optional(),
};
