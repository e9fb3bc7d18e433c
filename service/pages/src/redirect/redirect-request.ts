import { pagePaths } from '@latchkey/contract';

const requestNames = ['app', 'redirect_uri', 'response_type', 'code_challenge', 'code_challenge_method', 'state'];

/** True for the entry pages with an app's request, whole or not, in their address. */
export function isRedirect({ pathname, search }: Pick<Location, 'pathname' | 'search'>): boolean {
  return (pathname === pagePaths.signIn || pathname === pagePaths.signUp) && isRedirectQuery(search);
}

/** True for a query with an app's request. */
export function isRedirectQuery(search: string): boolean {
  const given = new URLSearchParams(search);
  return requestNames.some((name) => given.has(name));
}
