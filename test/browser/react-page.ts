import { createSession } from '@latchkey/sdk-browser';
import {
  type CurrentAccount,
  type CurrentSession,
  SessionProvider,
  useAccount,
  useApi,
  useSession,
} from '@latchkey/sdk-browser/react';
import { Activity, createElement, type ReactElement, StrictMode, useEffect, useState } from 'react';
import { createRoot, type Root } from 'react-dom/client';

/** What scripts of the test find in the page. */
export interface ReactPage {
  current: CurrentSession;
  account: CurrentAccount;
  /** Statuses in the order in which they were rendered, without repetitions. */
  readonly rendered: string[];
  /** How often an effect ran: twice for each mount, or StrictMode is off. */
  effects: number;
  readonly root: Root;
  readonly given: ReturnType<typeof createSession> | undefined;
  /** Mounts the effects of everything again, or unmounts them. */
  show(isShown: boolean): void;
  /** Calls the app's own `echo`. */
  echo(word: string): Promise<unknown>;
}

const search = new URLSearchParams(location.search);
const socket = search.has('calls') ? { socketUrl: location.origin } : {};
const options = { url: search.get('service') ?? '', ...socket };
const given = search.has('given') ? createSession(options) : undefined;
const root = createRoot(document.body.appendChild(document.createElement('main')));
const page: Partial<ReactPage> & { rendered: string[]; effects: number } = { root, given, rendered: [], effects: 0 };
Object.assign(globalThis, { page });

function App(): ReactElement {
  const current = useSession();
  const api = useApi('api');
  page.current = current;
  page.account = useAccount();
  page.echo = (word) => api.call('echo', { word });
  if (page.rendered.at(-1) !== current.status) page.rendered.push(current.status);
  useEffect(() => {
    page.effects += 1;
  }, []);
  return createElement('p', null, current.status);
}

const provided = given === undefined ? { options } : { session: given };

function Screen(): ReactElement {
  const [isShown, show] = useState(true);
  page.show = show;
  const app = createElement(SessionProvider, provided, createElement(App));
  return createElement(Activity, { mode: isShown ? 'visible' : 'hidden', children: app });
}

root.render(createElement(StrictMode, null, createElement(Screen)));
