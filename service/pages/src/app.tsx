import type { Session } from '@latchkey/sdk-browser';
import { useLayoutEffect } from 'preact/hooks';
import { createAccountApi } from './account/account-api.ts';
import { AccountView } from './account/account-view.tsx';
import { LazyView } from './components/lazy-view.tsx';
import type { Navigation } from './navigation.ts';
import { SignInView } from './sign-in/sign-in-view.tsx';
import { SignUpView } from './sign-in/sign-up-view.tsx';

interface AppProps {
  readonly session: Session;
  readonly navigation: Navigation;
}

/** The view that address and session ask for. */
export function App({ session, navigation }: AppProps) {
  const view = navigation.shown.value;
  const number = view?.number ?? 0;
  useLayoutEffect(() => {
    if (number > 1) document.querySelector('h1')?.focus();
  }, [number]);
  if (view === undefined) return null;
  if (view.name === 'sign-in') return <SignInView key={number} session={session} notice={view.notice} />;
  if (view.name === 'sign-up') return <SignUpView key={number} session={session} notice={view.notice} />;
  const state = navigation.state.value;
  if (view.name === 'account') {
    const api = createAccountApi(session.fetch, location.origin);
    return <AccountView key={number} session={session} state={state} api={api} signOut={navigation.signOut} />;
  }
  return (
    <LazyView
      key={number}
      title="Console"
      load={() => import('./console/console-view.tsx').then(({ ConsoleView }) => ConsoleView)}
      render={(ConsoleView) => (
        <ConsoleView
          session={session}
          state={state}
          signOut={() => navigation.signOut({ scope: 'session' }, 'console')}
        />
      )}
    />
  );
}
