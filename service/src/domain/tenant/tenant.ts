import { slugPattern } from '@latchkey/contract';

/** An isolated customer with its own users and limits. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly registrationOpen: boolean;
  /** Absolute life of a session in minutes; `null`: the configuration's. */
  readonly maxActiveMinutes: number | null;
  /** A session's longest pause in minutes; `null`: the configuration's. */
  readonly maxIdleMinutes: number | null;
  /** Changes when all users of the tenant are signed out. */
  readonly codeVersion: number;
  readonly createdAt: Date;
}

export interface NewTenant {
  readonly id: string;
  readonly name: string;
  /** Default: closed. */
  readonly registrationOpen?: boolean | undefined;
  readonly maxActiveMinutes?: number | null | undefined;
  readonly maxIdleMinutes?: number | null | undefined;
}

/** What is absent stays as it is. */
export type TenantLimitsUpdate = Partial<Pick<Tenant, 'maxActiveMinutes' | 'maxIdleMinutes'>>;

/** What is absent stays as it is. */
export type TenantUpdate = TenantLimitsUpdate & Partial<Pick<Tenant, 'name' | 'registrationOpen'>>;

const maxMinutes = 525_600;

/** Lower-case letters, digits, `-` and `_`, at most 63, beginning with a letter or digit. */
export function isTenantId(id: string): boolean {
  return slugPattern.test(id);
}

/** Whole minutes up to a year; `null` is no limit of the tenant's own. */
export function isValidLimit(minutes: number | null): boolean {
  return minutes === null || (Number.isInteger(minutes) && minutes >= 1 && minutes <= maxMinutes);
}
