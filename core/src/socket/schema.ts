import {
  codeVerifierPattern,
  fail,
  type LogoutScope,
  logoutScopes,
  maxCredentialLength,
  maxProofLength,
  parseScope,
  rotationKeyPattern,
} from '@latchkey/contract';
import { z } from 'zod';
import { peekSessionId } from './limits.ts';

const rotationKey = z.string().regex(rotationKeyPattern);
const credential = z.string().min(1).max(maxCredentialLength);

const authenticate = z
  .strictObject({
    code: credential.optional(),
    token: credential.optional(),
    code_verifier: z.string().regex(codeVerifierPattern).optional(),
    rotation_key: rotationKey.optional(),
    also_rotation_keys: z.array(rotationKey).max(3).optional(),
    asked_at: z.number().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
    proof: z.string().min(1).max(maxProofLength).optional(),
  })
  .refine((input) => (input.code === undefined) !== (input.token === undefined));

const refresh = z.strictObject({
  admin: z.boolean().optional(),
  scope: z
    .string()
    .refine((list) => parseScope(list) !== undefined)
    .optional(),
});
const sessionToken = credential.refine((token) => peekSessionId(token) !== undefined);
const logout = z.strictObject({ scope: z.enum(logoutScopes).optional(), token: sessionToken.optional() });
const activity = z.strictObject({});

/** Names the places that were wrong, never what stood there. */
function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.slice(0, 5).map((issue) => ({
    path: issue.path.join('.'),
    message: issue.code === 'unrecognized_keys' ? 'unknown key' : issue.code,
  }));
  throw fail('invalid_request', { details });
}

export interface AuthenticateRequest {
  readonly credential: string;
  readonly codeVerifier: string | undefined;
  readonly rotationKey: string | undefined;
  readonly alsoRotationKeys: readonly string[];
  readonly askedAt: number | undefined;
  readonly proof: string | undefined;
}

export function parseAuthenticate(input: unknown): AuthenticateRequest {
  const shown = parse(authenticate, input);
  return {
    credential: (shown.code ?? shown.token)!,
    codeVerifier: shown.code_verifier,
    rotationKey: shown.rotation_key,
    alsoRotationKeys: shown.also_rotation_keys ?? [],
    askedAt: shown.asked_at,
    proof: shown.proof,
  };
}

/** A payload that is missing stands for an empty one; over the wire `undefined` arrives as `null`. */
const orEmpty = (input: unknown): unknown => input ?? {};

export interface RefreshRequest {
  readonly admin: boolean;
  /** Fewer scopes, for this access token only. */
  readonly scope?: string;
}

export function parseRefresh(input: unknown): RefreshRequest {
  const { admin = false, scope } = parse(refresh, orEmpty(input));
  return { admin, ...(scope === undefined ? {} : { scope }) };
}

export interface LogoutRequest {
  readonly scope: LogoutScope;
  /** The token that the client shows. */
  readonly token: string | undefined;
}

/** A token in the payload's place is read as `{ token }`. */
export function parseLogout(input: unknown): LogoutRequest {
  const { scope = 'session', token } = parse(logout, typeof input === 'string' ? { token: input } : orEmpty(input));
  return { scope, token };
}

export function parseActivity(input: unknown): void {
  parse(activity, orEmpty(input));
}
