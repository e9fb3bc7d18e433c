import { pagePaths } from '@latchkey/contract';
import type { Session, SessionState } from '@latchkey/sdk-browser';
import { UserHeader } from '../account/user-header.tsx';
import { PageLink } from '../components/page-link.tsx';
import { useTitle } from '../components/use-title.ts';
import { words } from '../words/words.ts';
import { ConnectionCard } from './connection-card.tsx';
import { TabsCard } from './tabs-card.tsx';

interface DemoViewProps {
  readonly session: Session;
  readonly state: SessionState;
  /** Ends this session. The next sign-in returns here. */
  readonly signOut: (force: boolean) => Promise<unknown>;
}

/** Shows what the session does while a connection is cut, and that tabs share it. For development. */
export function DemoView({ session, state, signOut }: DemoViewProps) {
  const { page } = words();
  useTitle(page.demo);
  return (
    <div class="account" data-status={state.status}>
      <UserHeader title={page.demo} user={state.user?.email ?? state.user?.id} logOut={signOut}>
        <p>
          <PageLink path={pagePaths.account}>{page.account}</PageLink>
        </p>
      </UserHeader>
      <ConnectionCard state={state} disconnect={() => session.socket.io.engine?.close()} />
      <TabsCard />
    </div>
  );
}
