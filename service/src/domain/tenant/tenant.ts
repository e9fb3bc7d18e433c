import { slugPattern, type TenantPolicies as WirePolicies } from '@latchkey/contract';
import type { StoredBrand } from './brand.ts';

/** An isolated customer with its own users and limits. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly registrationOpen: boolean;
  /** Absolute life of a session in minutes; `null`: the configuration's. */
  readonly maxActiveMinutes: number | null;
  /** A session's longest pause in minutes; `null`: the configuration's. */
  readonly maxIdleMinutes: number | null;
  /** Whether users have to prove that they receive mail at their address, before they sign in. */
  readonly emailVerification: WirePolicies['email_verification'];
  /** Users may sign in by a mail, without a password. */
  readonly emailSignIn: boolean;
  /** Fewest characters of a new password; `null`: the configuration's. */
  readonly passwordMinLength: number | null;
  /** Domains of addresses that may sign up, as A-labels in lower case; none: all domains. */
  readonly allowedDomains: readonly string[];
  /** Most live sessions of one user; `null`: the configuration's. */
  readonly maxSessions: number | null;
  /** What a sign-in does that would be one session too many. */
  readonly sessionLimit: WirePolicies['session_limit'];
  /** Language of mails to users who have none (BCP 47); `null`: the configuration's. */
  readonly locale: string | null;
  /** `null`: pages and mails look as those of the service. */
  readonly brand: StoredBrand | null;
  /** Since when no user of the tenant can sign in; `null`: they can. */
  readonly disabledAt: Date | null;
  /** Changes when all users of the tenant are signed out. */
  readonly codeVersion: number;
  readonly createdAt: Date;
}

/** What is absent stays as it is. */
export type TenantLimitsUpdate = {
  readonly [Name in 'maxActiveMinutes' | 'maxIdleMinutes']?: Tenant[Name] | undefined;
};

type TenantPolicies = Pick<
  Tenant,
  | 'name'
  | 'registrationOpen'
  | 'emailVerification'
  | 'emailSignIn'
  | 'passwordMinLength'
  | 'allowedDomains'
  | 'maxSessions'
  | 'sessionLimit'
  | 'locale'
>;

/** What is absent stays as it is. */
export type TenantUpdate = TenantLimitsUpdate & {
  readonly [Name in keyof TenantPolicies]?: Tenant[Name] | undefined;
} & {
  /** Whether no user of the tenant can sign in. */
  readonly disabled?: boolean | undefined;
};

/** By default registration is closed, and the limits are the configuration's. */
export type NewTenant = Omit<TenantUpdate, 'disabled'> & Pick<Tenant, 'id' | 'name'>;

const maxMinutes = 525_600;
const maxSessionsOfUser = 1_000;
/** As the settings of the service allow. */
const passwordLengths = { min: 8, max: 64 };

/** Lower-case letters, digits, `-` and `_`, at most 63, beginning with a letter or digit. */
export function isTenantId(id: string): boolean {
  return slugPattern.test(id);
}

/** 1 to 200 characters, none of which is a control character. */
export function isTenantName(name: string): boolean {
  return name !== '' && name.length <= 200 && !/\p{C}/u.test(name);
}

/** Whole minutes up to a year; `null` is no limit of the tenant's own. */
export function isValidLimit(minutes: number | null): boolean {
  return minutes === null || (Number.isInteger(minutes) && minutes >= 1 && minutes <= maxMinutes);
}

/** Whole characters from 8 to 64; `null` is no length of the tenant's own. */
export function isValidPasswordLength(length: number | null): boolean {
  return (
    length === null || (Number.isInteger(length) && length >= passwordLengths.min && length <= passwordLengths.max)
  );
}

/** A whole number from 1 to 1,000; `null` is no limit of the tenant's own. */
export function isValidSessionCount(count: number | null): boolean {
  return count === null || (Number.isInteger(count) && count >= 1 && count <= maxSessionsOfUser);
}
