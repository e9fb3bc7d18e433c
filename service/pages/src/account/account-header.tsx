import { type CurrentUser, pagePaths } from '@latchkey/contract';
import type { SessionState } from '@latchkey/sdk-browser';
import { Facts } from '../components/facts.tsx';
import { PageLink } from '../components/page-link.tsx';
import { formatDateTime } from '../words/formats.ts';
import { words } from '../words/words.ts';
import { ConnectionStatus } from './connection-status.tsx';
import { isActive } from './session-messages.ts';
import { UserHeader } from './user-header.tsx';

interface AccountHeaderProps {
  readonly me: CurrentUser | undefined;
  readonly state: SessionState;
  /** A warning that the session is about to end. */
  readonly warning: string | undefined;
  readonly logOut: (force: boolean) => Promise<unknown>;
}

/** The top of the account page: user, log-out button, a lost connection, warnings about the session. */
export function AccountHeader({ me, state, warning, logOut }: AccountHeaderProps) {
  const { account, page } = words();
  return (
    <UserHeader title={account.title} user={me?.email ?? me?.id} logOut={logOut}>
      {me?.operator && (
        <p>
          <PageLink path={pagePaths.console}>{account.toConsole}</PageLink>
        </p>
      )}
      {me !== undefined && (
        <details class="ids">
          <summary>{page.forDevelopers}</summary>
          <Facts
            pairs={[
              [account.user, me.id],
              [account.tenant, me.tenant_id],
              [account.session, me.session_id],
              [account.created, formatDateTime(me.created_at)],
            ]}
          />
        </details>
      )}
      <ConnectionStatus state={state} isSilent={isActive(state)} />
      <p class="form-error" role="alert">
        {warning}
      </p>
    </UserHeader>
  );
}
