import { createSession } from '@latchkey/sdk-browser';
import { render } from 'preact';
import { App } from './app.tsx';
import { createNavigation } from './navigation.ts';
import { tenantFromUrl } from './tenant.ts';

/** Shows the pages that have a session of this browser. */
export function startApp(page: Element): void {
  const tenant = tenantFromUrl(location);
  const session = createSession({ url: location.origin, ...(tenant === undefined ? {} : { tenant }) });
  const navigation = createNavigation({ session, tenant, window });
  render(<App session={session} navigation={navigation} />, page);
  void navigation.start();
}
