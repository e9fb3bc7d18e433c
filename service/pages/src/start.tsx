import { render } from 'preact';
import { App } from './app.tsx';
import { createNavigation } from './navigation.ts';
import type { PageSession } from './open-page-session.ts';
import { hasStoredSession } from './platform/stored-session.ts';
import { whenIdle } from './platform/timers.ts';
import { tenantFromUrl } from './tenant.ts';

/**
 * Shows the pages that have a session of this browser. A browser without one sees the form before the client of sessions is
 * loaded.
 */
export async function startApp(page: Element): Promise<void> {
  const tenant = tenantFromUrl(location);
  const navigation = createNavigation({ tenant, window });
  const open = async (): Promise<PageSession> => {
    const { openPageSession } = await import('./open-page-session.ts');
    const opened = openPageSession(tenant);
    await navigation.follow(opened.session);
    return opened;
  };
  let opening: Promise<PageSession> | undefined;
  const loadSession = () => {
    opening ??= open();
    return opening;
  };
  render(<App navigation={navigation} loadSession={loadSession} />, page);
  if (hasStoredSession(() => localStorage)) {
    await loadSession();
    return;
  }
  navigation.start();
  // A script that cannot be loaded stays so until the page is loaded again. The form then says so.
  whenIdle(() => void loadSession().catch(() => {}));
}
