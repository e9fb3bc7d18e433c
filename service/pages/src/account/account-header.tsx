import { type CurrentUser, Failure, pagePaths } from '@latchkey/contract';
import { Facts } from '../components/facts.tsx';
import { PageLink } from '../components/page-link.tsx';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { formatDateTime } from '../words/formats.ts';
import { words } from '../words/words.ts';

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
          <h1 tabindex={-1}>{words().account.title}</h1>
          <p class="who" data-testid="who">
            {me?.email ?? me?.id}
          </p>
        </div>
        <button type="button" data-testid="logout" onClick={() => go(false)}>
          {words().account.logOut}
        </button>
      </div>
      {me?.operator && (
        <p>
          <PageLink path={pagePaths.console}>{words().account.toConsole}</PageLink>
        </p>
      )}
      {me !== undefined && (
        <details class="ids">
          <summary>{words().page.forDevelopers}</summary>
          <Facts
            pairs={[
              [words().account.user, me.id],
              [words().account.tenant, me.tenant_id],
              [words().account.session, me.session_id],
              [words().account.created, formatDateTime(me.created_at)],
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
          {words().account.signOutHere}
        </button>
      )}
    </div>
  );
}
