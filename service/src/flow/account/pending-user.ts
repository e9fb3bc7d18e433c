import { fail } from '@latchkey/contract';
import type { OneTimeData, OneTimeToken } from '../../domain/one-time-token/one-time-token.ts';
import type { PreparedUser } from '../../domain/user/user-store.ts';

/** What waits in the token of a sign-up until the address is proved. */
export function toPendingData({ id, emailSkeleton, passwordHash, profile }: PreparedUser): OneTimeData {
  return { id, email_skeleton: emailSkeleton, password_hash: passwordHash, profile };
}

/** The user who waits in the token. @throws link_invalid there is none */
export function parsePendingUser({ tenantId, email, emailKey, data }: OneTimeToken): PreparedUser {
  if (data === undefined || email === null || emailKey === null) throw fail('link_invalid');
  return {
    id: String(data.id),
    tenantId,
    email,
    emailKey,
    emailSkeleton: data.email_skeleton === null ? null : String(data.email_skeleton),
    passwordHash: String(data.password_hash),
    profile: Object(data.profile),
  };
}
