import { pagePaths } from '@latchkey/contract';
import { useEffect } from 'preact/hooks';
import { useResource } from '../components/resource.ts';
import { createMailApi } from '../mail/mail-api.ts';
import { getTickets } from '../mail/tickets.ts';
import { insecureContextWarning } from '../messages.ts';
import { EntryView } from '../sign-in/entry-view.tsx';
import { getSignInMemory } from '../sign-in/sign-in-memory.ts';
import { Filled } from '../words/filled.tsx';
import { words } from '../words/words.ts';
import type { RedirectApi } from './redirect-api.ts';
import { createRedirectSignIn } from './redirect-sign-in.ts';
import { RefusedView } from './refused-view.tsx';

interface RedirectViewProps {
  readonly api: RedirectApi;
  readonly fetch: typeof globalThis.fetch;
  readonly window: Window;
}

/**
 * The entry pages for an app at another origin. They show the origin that the user returns to, and navigate there after
 * the password, or the code of a mail, was accepted. They neither read nor change a session of the service's own pages.
 */
export function RedirectView({ api, fetch, window }: RedirectViewProps) {
  const { location } = window;
  const { value, error, load } = useResource(() => api.describe(location.search));
  useEffect(() => void load(), []);
  if (error.value !== undefined) return <RefusedView error={error.value} />;
  if (value.value === undefined) return null;
  const { origin, request } = value.value;
  return (
    <EntryView
      kind={location.pathname === pagePaths.signUp ? 'sign-up' : 'sign-in'}
      tenant={request.tenant}
      notice={insecureContextWarning(window)}
      lead={<Filled text={words().entry.returnLead} values={{ origin: <strong>{origin}</strong> }} />}
      redirect={{ search: location.search, origin }}
      api={createMailApi(fetch, location.origin)}
      tickets={getTickets()}
      memory={getSignInMemory()}
      post={createRedirectSignIn(request, location, fetch)}
    />
  );
}
