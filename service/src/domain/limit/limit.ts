import { sha256, toBase64url } from '../../base/bytes.ts';
import { networkPrefix } from '../../base/ip.ts';

/** A login that is about to be tried. */
export interface LimitedLogin {
  readonly tenantId: string;
  /** The key of the address (`identifierKey`), so that its spellings share one budget. */
  readonly emailKey: string;
  /** `null` when the peer's address is unknown. */
  readonly address: string | null;
}

/** What a mail that was asked for counts against. */
export interface LimitedMail {
  readonly tenantId: string;
  readonly emailKey: string;
  /** `null` when the peer's address is unknown: then its network does not count. */
  readonly address: string | null;
}

/** Accounts are made from one address in so many seconds, as many as the configuration says. */
export const registrationWindowSeconds = 3_600;

/** Mails that callers without a session can ask for. Beyond a limit a request gets the same answer, and no mail. */
export const mailLimits = {
  perAddressInHour: 5,
  perAddressInDay: 10,
  perNetworkInHour: 20,
  perTenantInHour: 2_000,
} as const;

export const accessTokenLimit = { points: 120, windowMs: 60_000, maxKeys: 200_000 } as const;

/** Changes of its own profile by one user: each is a row of the audit. */
export const profileChangeLimit = { points: 30, windowMs: 60_000, maxKeys: 100_000 } as const;

/** Exports of its own data by one user: each reads thousands of rows, and writes one into the audit. */
export const exportLimit = { points: 10, windowMs: 3_600_000, maxKeys: 100_000 } as const;

/** Rows of the audit about refused proofs of one session, and about sign-ins of one address that a limit refused. */
export const auditedRefusalLimit = { points: 10, windowMs: 60_000, maxKeys: 100_000 } as const;

/** Keys as they are stored, without a readable address or account. */
export function limitKeysOf({ tenantId, emailKey, address }: LimitedLogin): { pair: string; address: string } {
  return { pair: hashed('pair', tenantId, emailKey, networkPrefix(address)), address: addressKey(address) };
}

/** Of a mailbox in a tenant. */
export function mailboxKey(tenantId: string, emailKey: string): string {
  return hashed('mailbox', tenantId, emailKey);
}

/** Of an address alone. */
export function addressKey(address: string | null): string {
  return hashed('address', networkPrefix(address));
}

function hashed(...parts: string[]): string {
  return toBase64url(sha256(JSON.stringify(parts)));
}
