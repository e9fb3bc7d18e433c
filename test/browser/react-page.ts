import { createSession } from '@latchkey/sdk-browser';
import { type CurrentSession, SessionProvider, useSession } from '@latchkey/sdk-browser/react';
import { createElement, type ReactElement, StrictMode, useEffect } from 'react';
import { createRoot, type Root } from 'react-dom/client';

/** What scripts of the test find in the page. */
export interface ReactPage {
  current: CurrentSession;
  /** Statuses in the order in which they were rendered, without repetitions. */
  readonly rendered: string[];
  /** How often an effect ran: twice for each mount, or StrictMode is off. */
  effects: number;
  readonly root: Root;
  readonly given: ReturnType<typeof createSession> | undefined;
}

const search = new URLSearchParams(location.search);
const options = { url: search.get('service') ?? '' };
const given = search.has('given') ? createSession(options) : undefined;
const root = createRoot(document.body.appendChild(document.createElement('main')));
const page: Partial<ReactPage> & { rendered: string[]; effects: number } = { root, given, rendered: [], effects: 0 };
Object.assign(globalThis, { page });

function App(): ReactElement {
  const current = useSession();
  page.current = current;
  if (page.rendered.at(-1) !== current.status) page.rendered.push(current.status);
  useEffect(() => {
    page.effects += 1;
  }, []);
  return createElement('p', null, current.status);
}

const provided = given === undefined ? { options } : { session: given };
root.render(createElement(StrictMode, null, createElement(SessionProvider, provided, createElement(App))));
