import { pagePaths } from '@latchkey/contract';
import { Card } from '../components/card.tsx';
import { PageLink } from '../components/page-link.tsx';
import { isRedirectQuery } from '../redirect/redirect-request.ts';
import { words } from '../words/words.ts';

/** The end of a reset, which does not sign in. */
export function PasswordSetCard({ tenant }: { readonly tenant?: string | undefined }) {
  const { search } = location;
  return (
    <Card title={words().mail.passwordSetTitle}>
      <p class="news" role="status" data-testid="password-set">
        {words().mail.passwordSet}
      </p>
      <p>
        <PageLink path={pagePaths.signIn} request={isRedirectQuery(search) ? search : undefined} tenant={tenant}>
          {words().entry.signIn}
        </PageLink>
      </p>
    </Card>
  );
}
