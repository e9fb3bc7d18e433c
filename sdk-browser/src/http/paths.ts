import type { paths as all } from '@latchkey/contract';

type UsedPath = 'login' | 'register' | 'logout' | 'oauthToken' | 'oauthRevoke';

/** The paths that a session uses. The table of the contract would be bundled as a whole. */
export const servicePaths: Pick<typeof all, UsedPath> = {
  login: '/login',
  register: '/register',
  logout: '/logout',
  oauthToken: '/oauth/token',
  oauthRevoke: '/oauth/revoke',
};
