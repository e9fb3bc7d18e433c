import type { paths as all } from '@latchkey/contract';

type UsedPath = 'login' | 'register' | 'logout' | 'oauthToken' | 'oauthRevoke';

/** The service's paths that a session asks for, and no others: a table comes along as a whole. */
export const servicePaths: Pick<typeof all, UsedPath> = {
  login: '/login',
  register: '/register',
  logout: '/logout',
  oauthToken: '/oauth/token',
  oauthRevoke: '/oauth/revoke',
};
