import type { ProfileClaims } from '@latchkey/contract';
import type { User } from '../domain/user/user.ts';
import type { Claims } from '../hook/hook.ts';
import type { FlowContext } from './context.ts';

/** Together with what the hook `refresh` adds, an access token has to stay within `maxCredentialLength`. */
const maxBytes = 4_096 + 512;

/** The names that the hook may set itself, the first to be kept first. */
const replaceable = ['name', 'locale', 'picture'] as const;

/**
 * Claims of a user's sessions: what the hook `claim` returns, and the profile (OpenID Connect Core 1.0, 5.1). `email` and
 * `email_verified` are always the account's. Of the others one is left out where the hook returned it, where it is not set,
 * and where the claims would be longer than 4.5 KB.
 *
 * @throws what the hook throws, `internal_error` when its result is too large or no plain JSON
 */
export async function sessionClaims({ hooks }: Pick<FlowContext, 'hooks'>, user: User): Promise<Claims> {
  const claims: Record<string, unknown> = { ...(await hooks.claim(user)), ...emailClaims(user) };
  for (const name of replaceable) {
    const value = user[name];
    if (value === null || Object.hasOwn(claims, name)) continue;
    if (Buffer.byteLength(JSON.stringify({ ...claims, [name]: value })) <= maxBytes) claims[name] = value;
  }
  return claims;
}

function emailClaims({ email, emailVerifiedAt }: User): ProfileClaims {
  return email === null ? {} : { email, email_verified: emailVerifiedAt !== null };
}
