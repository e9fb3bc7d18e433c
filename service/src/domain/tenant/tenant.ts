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

/** What is absent stays as it is. */
export type TenantLimitsUpdate = {
  readonly [Name in 'maxActiveMinutes' | 'maxIdleMinutes']?: Tenant[Name] | undefined;
};

/** What is absent stays as it is. */
export interface TenantUpdate extends TenantLimitsUpdate {
  readonly name?: string | undefined;
  readonly registrationOpen?: boolean | undefined;
}

/** By default registration is closed, and the limits are the configuration's. */
export type NewTenant = TenantUpdate & Pick<Tenant, 'id' | 'name'>;

const maxMinutes = 525_600;

/** Lower-case letters, digits, `-` and `_`, at most 63, beginning with a letter or digit. */
export function isTenantId(id: string): boolean {
  return slugPattern.test(id);
}

/** Whole minutes up to a year; `null` is no limit of the tenant's own. */
export function isValidLimit(minutes: number | null): boolean {
  return minutes === null || (Number.isInteger(minutes) && minutes >= 1 && minutes <= maxMinutes);
}
