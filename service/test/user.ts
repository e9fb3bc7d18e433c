import type { User } from '../src/domain/user/user.ts';

/** A user as the database gives it: ann@example.org of the default tenant, without anything that is optional. */
export function userOf(given: Partial<User> = {}): User {
  return {
    id: '3f0c7a9e-5d0b-4c53-9a37-8c1f4b1f6a2d',
    tenantId: 'default',
    email: 'ann@example.org',
    emailKey: 'ann@example.org',
    emailVerifiedAt: null,
    name: null,
    picture: null,
    locale: null,
    userMetadata: {},
    appMetadata: {},
    passwordChangeRequired: false,
    externalId: null,
    profile: {},
    operator: false,
    credentialVersion: 1,
    disabledAt: null,
    createdAt: new Date(0),
    ...given,
  };
}
