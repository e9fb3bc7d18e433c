import { pagePaths } from '@latchkey/contract';
import { isSignedIn, type SessionState } from '@latchkey/sdk-browser';

export type ViewName = 'sign-in' | 'sign-up' | 'account';

/** The address of each view; an unknown address shows what the state asks for. */
export const viewPaths: Record<ViewName, string> = {
  'sign-in': pagePaths.signIn,
  'sign-up': pagePaths.signUp,
  account: pagePaths.account,
};

/**
 * Which view to show. Signed in is the account, signed out one of the forms; while somebody is joining a form stays
 * where it is, so that nobody's typing is lost when the service refuses.
 */
export function chooseView(path: string, state: SessionState, shown?: ViewName): ViewName | undefined {
  if (isSignedIn(state)) return 'account';
  if (state.status === 'signed_out') return path === pagePaths.signUp ? 'sign-up' : 'sign-in';
  return shown ?? (state.sessionId === undefined ? undefined : 'account');
}
