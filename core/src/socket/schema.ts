import {
  activityPayloadSchema,
  authenticatePayloadSchema,
  logoutPayloadSchema,
  parseInput,
  refreshPayloadSchema,
} from '@latchkey/contract/schemas';
import { peekSessionId } from './limits.ts';

const logoutSchema = logoutPayloadSchema.refine(
  ({ token }) => token === undefined || peekSessionId(token) !== undefined,
  { path: ['token'], error: 'has to be the token of a session' },
);

export type AuthenticateRequest = ReturnType<typeof parseAuthenticate>;

export function parseAuthenticate(input: unknown) {
  const shown = parseInput(authenticatePayloadSchema, input);
  return {
    credential: (shown.code ?? shown.token)!,
    codeVerifier: shown.code_verifier,
    rotationKey: shown.rotation_key,
    alsoRotationKeys: shown.also_rotation_keys ?? [],
    askedAt: shown.asked_at,
    proof: shown.proof,
  };
}

/** A missing payload is an empty one. On the wire `undefined` arrives as `null`. */
const orEmpty = (input: unknown): unknown => input ?? {};

export type RefreshRequest = ReturnType<typeof parseRefresh>;

/** With `scope`: fewer scopes, for this access token only. */
export function parseRefresh(input: unknown) {
  const { admin = false, scope } = parseInput(refreshPayloadSchema, orEmpty(input));
  return { admin, ...(scope === undefined ? {} : { scope }) };
}

export type LogoutRequest = ReturnType<typeof parseLogout>;

/** A token in the payload's place is read as `{ token }`. */
export function parseLogout(input: unknown) {
  const { scope = 'session', token } = parseInput(
    logoutSchema,
    typeof input === 'string' ? { token: input } : orEmpty(input),
  );
  return { scope /** The token that the client shows. */, token };
}

export function parseActivity(input: unknown): void {
  parseInput(activityPayloadSchema, orEmpty(input));
}
