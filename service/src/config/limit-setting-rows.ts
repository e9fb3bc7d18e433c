import { integer } from './setting-schemas.ts';

/** Settings of limits by session, address and account, a part of the table of settings. */
export const limitSettings = {
  maxSocketsPerSession: {
    env: 'LATCHKEY_MAX_SOCKETS_PER_SESSION',
    schema: integer(1, 1_000).default(32),
    description: 'Maximum number of sockets (tabs) of a session on a node.',
  },
  maxUnauthenticatedSocketsPerAddress: {
    env: 'LATCHKEY_MAX_UNAUTHENTICATED_SOCKETS_PER_ADDRESS',
    schema: integer(1, 1_000_000).default(256),
    description:
      'Maximum number of unauthenticated sockets of an address (IPv6: of a /64) on a node. Further ones get 429.',
  },
  failedLoginsPerAccount: {
    env: 'LATCHKEY_FAILED_LOGINS_PER_ACCOUNT',
    schema: integer(1, 1_000).default(10),
    description:
      'Wrong passwords for one account from one network in a window. Further sign-ins from there get `rate_limited`; the owner elsewhere signs in.',
  },
  failedLoginsPerAddress: {
    env: 'LATCHKEY_FAILED_LOGINS_PER_ADDRESS',
    schema: integer(1, 1_000_000).default(100),
    description:
      'Wrong passwords from one address in a window, whatever the accounts. Links and codes of mails have the same limit, counted apart.',
  },
  failedLoginWindowInMins: {
    env: 'LATCHKEY_FAILED_LOGIN_WINDOW_IN_MINS',
    schema: integer(1, 1_440).default(15),
    description: 'Window of the limits of wrong passwords, in minutes. It begins with the first one.',
  },
  registrationsPerAddress: {
    env: 'LATCHKEY_REGISTRATIONS_PER_ADDRESS',
    schema: integer(1, 1_000_000).default(100),
    description:
      'Accounts that may be created from one address in an hour. Attempts with an existing e-mail address count as well.',
  },
} as const;
