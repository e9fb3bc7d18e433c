import { pagePaths, type SignInRequestResponse } from '@latchkey/contract';
import { createCredentialsView, signInForm, signUpForm } from '../credentials-views.ts';
import { element } from '../element.ts';
import { insecureContextWarning } from '../messages.ts';
import type { View } from '../view.ts';
import type { RedirectApi } from './redirect-api.ts';
import { createRefusedView } from './refused-view.ts';

interface RedirectPageDeps {
  readonly api: RedirectApi;
  readonly page: HTMLElement;
  readonly window: Pick<Window, 'document' | 'isSecureContext'> & { readonly location: Location };
}

const requestNames = ['app', 'redirect_uri', 'response_type', 'code_challenge', 'code_challenge_method', 'state'];

/** True for the entry pages with an app's request, whole or not, in their address. */
export function isRedirect({ pathname, search }: Pick<Location, 'pathname' | 'search'>): boolean {
  if (pathname !== pagePaths.signIn && pathname !== pagePaths.signUp) return false;
  const given = new URLSearchParams(search);
  return requestNames.some((name) => given.has(name));
}

/**
 * The entry pages for an app at another origin. They show the origin that the user returns to, and navigate there after
 * the password was accepted. They neither read nor change a session of the service's own pages.
 */
export function createRedirectPage({ api, page, window }: RedirectPageDeps): { start(): Promise<void> } {
  const { document, location } = window;
  const show = ({ node, title }: View): void => {
    page.replaceChildren(node);
    document.title = `${title} · Latchkey`;
  };
  const createForm = ({ origin, request }: SignInRequestResponse): View => {
    const enter =
      (kind: 'login' | 'register') =>
      async ({ email = '', password = '' }: Readonly<Record<string, string>>): Promise<void> =>
        location.replace(await api.signIn(kind, { email, password }, request));
    const notice = insecureContextWarning(window);
    const lead = element('p', { 'data-testid': 'lead' }, 'Then you return to ', element('strong', {}, origin), '.');
    return location.pathname === pagePaths.signUp
      ? createCredentialsView(
          {
            title: 'Make an account',
            notice,
            lead,
            elsewhere: ['Already have an account?', 'Sign in', pagePaths.signIn + location.search],
          },
          signUpForm(enter('register')),
        )
      : createCredentialsView(
          {
            title: 'Sign in',
            notice,
            lead,
            elsewhere: ['New here?', 'Make an account', pagePaths.signUp + location.search],
          },
          signInForm(enter('login')),
        );
  };
  return Object.freeze({
    start: () => api.describe(location.search).then(createForm, createRefusedView).then(show),
  });
}
