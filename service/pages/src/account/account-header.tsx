import { type CurrentUser, Failure, pagePaths } from '@latchkey/contract';
import { Facts } from '../components/facts.tsx';
import { PageLink } from '../components/page-link.tsx';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { formatDateTime } from '../messages.ts';

interface AccountHeaderProps {
  readonly me: CurrentUser | undefined;
  /** That the session is about to end. */
  readonly warning: string | undefined;
  readonly logOut: (force: boolean) => Promise<unknown>;
}

/** The top of the account page: user, log-out button, warnings about the session. */
export function AccountHeader({ me, warning, logOut }: AccountHeaderProps) {
  const result = useResult();
  const { value: error } = result.error;
  const go = (force: boolean) => void result.run(() => logOut(force).then(() => ''));
  return (
    <div class="head">
      <div class="head-line">
        <div>
          <h1 tabindex={-1}>Account</h1>
          <p class="who" data-testid="who">
            {me?.email ?? me?.id}
          </p>
        </div>
        <button type="button" data-testid="logout" onClick={() => go(false)}>
          Log out
        </button>
      </div>
      {me?.operator && (
        <p>
          <PageLink path={pagePaths.console}>Operators’ console</PageLink>
        </p>
      )}
      {me !== undefined && (
        <details class="ids">
          <summary>For developers</summary>
          <Facts
            pairs={[
              ['User', me.id],
              ['Tenant', me.tenant_id],
              ['Session', me.session_id],
              ['Account created', formatDateTime(me.created_at)],
            ]}
          />
        </details>
      )}
      <p class="form-error" role="alert">
        {warning}
      </p>
      <ResultMessage result={result} />
      {error instanceof Failure && error.retryable && (
        <button type="button" onClick={() => go(true)}>
          Sign out in this browser only
        </button>
      )}
    </div>
  );
}
