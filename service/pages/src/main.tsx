import { render } from 'preact';
import { LoadError } from './components/load-error.tsx';
import { isMailPage } from './mail/take-secret.ts';
import { isRedirect } from './redirect/redirect-request.ts';
import { loadLanguage } from './words/load-language.ts';

const page = document.querySelector('main');
if (page === null) throw new TypeError('index.html has no <main>.');

/** Each kind of page has its own script, so that a sign-in for an app does not load the client of sockets. */
function loadPage(): Promise<(page: Element) => Promise<void> | void> {
  if (isMailPage(location)) return import('./mail/start.tsx').then(({ startMailPage }) => startMailPage);
  if (isRedirect(location)) return import('./redirect/start.tsx').then(({ startRedirect }) => startRedirect);
  return import('./start.tsx').then(({ startApp }) => startApp);
}

Promise.all([loadPage(), loadLanguage(window)])
  .then(([start]) => start(page))
  .catch(() => render(<LoadError />, page));
