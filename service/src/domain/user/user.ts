import type { PasswordPolicy } from './password-rules.ts';

/**
 * An account in one tenant, with an address and a password here, or with the id of the hook's system (`externalId`).
 */
export interface User {
  readonly id: string;
  readonly tenantId: string;
  readonly email: string | null;
  /** The form in which the address is compared; `null`: another system has the user, and the address is for display only. */
  readonly emailKey: string | null;
  readonly externalId: string | null;
  /** When the user proved to receive mail at the address; `null`: it is not proved. */
  readonly emailVerifiedAt: Date | null;
  /** What the user says of itself. It proves nothing. */
  readonly name: string | null;
  /** An https URL, which the service neither loads nor shows. */
  readonly picture: string | null;
  /** Language (BCP 47). */
  readonly locale: string | null;
  /** What the user and its app store here. It proves nothing. */
  readonly userMetadata: Readonly<Record<string, unknown>>;
  /** What administrators, backends and hooks store here, such as roles. Rights may come from it. */
  readonly appMetadata: Readonly<Record<string, unknown>>;
  /** The next sign-in has to set a new password. */
  readonly passwordChangeRequired: boolean;
  /** What the client sent to `/register`, or what a hook gave. It proves nothing: no right may come from it. */
  readonly profile: Readonly<Record<string, unknown>>;
  /** May use the console and `/admin`. */
  readonly operator: boolean;
  /** Counts changes of the password; a code names the version it was made under. */
  readonly credentialVersion: number;
  readonly disabledAt: Date | null;
  readonly createdAt: Date;
}

/** The user signs in through a hook: no mail is sent to the address, and nothing of it is decided here. */
export const isManagedElsewhere = ({ emailKey }: Pick<User, 'emailKey'>): boolean => emailKey === null;

/** What a user changes of itself. `null` clears a field. */
export type ProfileChange = Partial<Pick<User, 'name' | 'picture' | 'locale' | 'userMetadata'>>;

export interface PasswordCredentials {
  readonly tenantId: string;
  readonly email: string;
  readonly password: string;
}

export interface NewUser extends PasswordCredentials {
  /** The tenant with its policy. Absent: the rules of the service alone judge the password. */
  readonly tenant?: PasswordPolicy;
  readonly profile?: Readonly<Record<string, unknown>> | undefined;
}

/** What a hook knows of one of its users; `externalId` is the operator's own id, unique in a tenant. */
export interface ExternalUser {
  readonly externalId: string;
  readonly email?: string | null | undefined;
  readonly profile?: Readonly<Record<string, unknown>> | undefined;
}

/** A user whose address and password a hook has accepted. */
export interface FoundUser extends ExternalUser {
  /** The user is to be kept here with this password, and the hook not to be called for it any more. */
  readonly keep?: boolean | undefined;
  /** With `keep`: the other system proved that the user receives mail at the address. */
  readonly emailVerified?: boolean | undefined;
}
