import { useLayoutEffect } from 'preact/hooks';
import { LazyView } from './components/lazy-view.tsx';
import { createMailApi } from './mail/mail-api.ts';
import type { Navigation } from './navigation.ts';
import type { PageSession } from './open-page-session.ts';
import { ownFetch } from './platform/own-fetch.ts';
import { OwnEntryView } from './sign-in/own-entry-view.tsx';
import { tenantFromUrl } from './tenant.ts';
import { loadSignedInWords } from './words/load-language.ts';
import { words } from './words/words.ts';

/** A view, with the words that it shows. */
async function loadSignedIn<View>(load: () => Promise<View>): Promise<View> {
  const [view] = await Promise.all([load(), loadSignedInWords()]);
  return view;
}

interface AppProps {
  readonly navigation: Navigation;
  /** Opens the session of this browser, whose client is loaded when it is needed first. */
  readonly loadSession: () => Promise<PageSession>;
}

/** The view that address and session ask for. */
export function App({ navigation, loadSession }: AppProps) {
  const view = navigation.shown.value;
  const number = view?.number ?? 0;
  useLayoutEffect(() => {
    if (number > 1) document.querySelector('h1')?.focus();
  }, [number]);
  if (view === undefined) return null;
  if (view.name === 'sign-in' || view.name === 'sign-up')
    return <OwnEntryView key={number} kind={view.name} loadSession={loadSession} notice={view.notice} />;
  const session = navigation.session.value;
  if (session === undefined) return null;
  const state = navigation.state.value;
  if (view.name === 'account') {
    const readOptions = () => createMailApi(ownFetch, location.origin).getOptions(tenantFromUrl(location));
    const props = { session, state, readOptions, signOut: navigation.signOut };
    return (
      <LazyView
        key={number}
        title={words().page.account}
        load={() => loadSignedIn(() => import('./account/account-view.tsx')).then(({ AccountView }) => AccountView)}
        render={(AccountView) => <AccountView {...props} />}
      />
    );
  }
  if (view.name === 'demo') {
    const signOut = (force: boolean) => navigation.signOut({ scope: 'session', force }, 'demo');
    return (
      <LazyView
        key={number}
        title={words().page.demo}
        load={() => loadSignedIn(() => import('./demo/demo-view.tsx')).then(({ DemoView }) => DemoView)}
        render={(DemoView) => <DemoView session={session} state={state} signOut={signOut} />}
      />
    );
  }
  return (
    <LazyView
      key={number}
      title={words().page.console}
      load={() => loadSignedIn(() => import('./console/console-view.tsx')).then(({ ConsoleView }) => ConsoleView)}
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
