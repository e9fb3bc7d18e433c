import { pagePaths } from '@latchkey/contract';
import { useEffect } from 'preact/hooks';
import { useResource } from '../components/resource.ts';
import { insecureContextWarning } from '../messages.ts';
import { type Credentials, CredentialsCard } from '../sign-in/credentials-card.tsx';
import type { RedirectApi } from './redirect-api.ts';
import { RefusedView } from './refused-view.tsx';

interface RedirectViewProps {
  readonly api: RedirectApi;
  readonly window: Window;
}

/**
 * The entry pages for an app at another origin. They show the origin that the user returns to, and navigate there after
 * the password was accepted. They neither read nor change a session of the service's own pages.
 */
export function RedirectView({ api, window }: RedirectViewProps) {
  const { location } = window;
  const { value, error, load } = useResource(() => api.describe(location.search));
  useEffect(() => void load(), []);
  if (error.value !== undefined) return <RefusedView error={error.value} />;
  if (value.value === undefined) return null;
  const { origin, request } = value.value;
  const isSignUp = location.pathname === pagePaths.signUp;
  const send = async (credentials: Credentials): Promise<void> =>
    location.replace(await api.signIn(isSignUp ? 'register' : 'login', credentials, request));
  return (
    <CredentialsCard
      kind={isSignUp ? 'sign-up' : 'sign-in'}
      notice={insecureContextWarning(window)}
      lead={
        <>
          Then you return to <strong>{origin}</strong>.
        </>
      }
      request={location.search}
      send={send}
    />
  );
}
