import { createSession } from '@latchkey/sdk-browser';
import { createApp } from './app.ts';
import { repeatWhileVisible } from './platform/timers.ts';
import { createRedirectApi } from './redirect/redirect-api.ts';
import { createRedirectPage, isRedirect } from './redirect/redirect-page.ts';
import { tenantFromUrl } from './tenant.ts';

const page = document.querySelector('main');
if (page === null) throw new TypeError('index.html has no <main>.');
if (isRedirect(location)) {
  const api = createRedirectApi((input, init) => fetch(input, init), location.origin);
  void createRedirectPage({ api, page, window }).start();
} else {
  const tenant = tenantFromUrl(location);
  const session = createSession({ url: location.origin, ...(tenant === undefined ? {} : { tenant }) });
  void createApp({ session, tenant, page, window, repeat: repeatWhileVisible }).start();
}
