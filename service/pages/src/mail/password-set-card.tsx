import { pagePaths } from '@latchkey/contract';
import { Card } from '../components/card.tsx';
import { PageLink } from '../components/page-link.tsx';
import { isRedirectQuery } from '../redirect/redirect-request.ts';

/** The end of a reset, which does not sign in. */
export function PasswordSetCard({ tenant }: { readonly tenant?: string | undefined }) {
  const { search } = location;
  return (
    <Card title="Your password is changed">
      <p class="news" role="status" data-testid="password-set">
        You are signed out everywhere. Sign in with the new password.
      </p>
      <p>
        <PageLink path={pagePaths.signIn} request={isRedirectQuery(search) ? search : undefined} tenant={tenant}>
          Sign in
        </PageLink>
      </p>
    </Card>
  );
}
