import { pagePaths } from '@latchkey/contract';
import { isSignedIn, type SessionState } from '@latchkey/sdk-browser';

/** Views that need a signed-in user. */
export type Destination = 'account' | 'console' | 'demo';
export type ViewName = 'sign-in' | 'sign-up' | Destination;

/** The address of each view; an unknown address shows what the state asks for. */
export const viewPaths: Record<ViewName, string> = {
  'sign-in': pagePaths.signIn,
  'sign-up': pagePaths.signUp,
  account: pagePaths.account,
  console: pagePaths.console,
  demo: pagePaths.demo,
};

/** The view that the address names, if it needs a signed-in user. Default: the account. */
export function destinationFrom(path: string): Destination | undefined {
  if (path === pagePaths.console) return 'console';
  if (path === pagePaths.demo) return 'demo';
  return path === pagePaths.account || path === pagePaths.home ? 'account' : undefined;
}

/**
 * The view to show: the requested one when signed in, one of the forms when signed out. While a session connects a form
 * stays visible, so that no input is lost when the service refuses.
 */
export function chooseView(
  path: string,
  state: SessionState,
  { destination, shown }: { readonly destination: Destination; readonly shown?: ViewName | undefined },
): ViewName | undefined {
  if (isSignedIn(state)) return destination;
  if (state.status === 'signed_out') return path === pagePaths.signUp ? 'sign-up' : 'sign-in';
  return shown ?? (state.sessionId === undefined ? undefined : destination);
}
