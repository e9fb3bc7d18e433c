import type { AdminSession } from '@latchkey/contract';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { formatAge, formatDateTime } from '../messages.ts';
import { ConsoleRow, RowButton, RowDetails } from './console-row.tsx';
import { confirmAction } from './dialogs.tsx';
import { serversLabel, sessionsEndedMessage, socketsBadge, userName } from './labels.ts';
import { useListModel } from './list-model.ts';
import { useNameCache } from './name-cache.tsx';
import { PagedList } from './paged-list.tsx';
import { SearchForm, searchField } from './search-form.tsx';
import { focusTitle, SectionCard, type SectionProps, useLoader } from './section-card.tsx';

interface SessionRowProps {
  readonly session: AdminSession;
  readonly now: number;
  readonly isOwn: boolean;
  readonly onEnd: () => unknown;
  readonly onEndAll: () => unknown;
}

function SessionRow({ session, now, isOwn, onEnd, onEndAll }: SessionRowProps) {
  const row = `${userName(session)}, ${session.browser}`;
  const { address_prefix, bound } = session;
  return (
    <ConsoleRow
      name={userName(session)}
      badges={[socketsBadge(session.sockets), ...(isOwn ? [{ text: 'This browser' }] : [])]}
      facts={[
        session.browser,
        address_prefix ?? 'address unknown',
        `tenant ${session.tenant_id}`,
        `active ${formatAge(session.last_active_at, now)}`,
        ...(bound ? [] : ['not bound to its browser']),
      ]}
      details={
        <RowDetails
          row={row}
          pairs={[
            ['Session', session.id],
            ['User', session.user_id],
            ['Signed in', formatDateTime(session.created_at)],
            ['Ends', `${formatDateTime(session.expires_at)}, if not before`],
            ['Token', `generation ${session.generation}, ${bound ? 'bound to its browser’s key' : 'not bound'}`],
            ['Tabs', serversLabel(session.servers)],
          ]}
        />
      }
    >
      <RowButton row={row} onClick={onEnd} testId="end">
        End
      </RowButton>
      <RowButton row={userName(session)} onClick={onEndAll}>
        End all of this user
      </RowButton>
    </ConsoleRow>
  );
}

/** Live sessions, updated live, with search, and buttons that end one session or all of a user. */
export function SessionsSection({ api, user: operator, sessionId, query, loader }: SectionProps) {
  const [user, tenant] = [query.get('user') ?? '', query.get('tenant') ?? ''];
  const result = useResult();
  const names = useNameCache(api);
  const list = useListModel<AdminSession>(api.sessions, { user, tenant });
  useLoader(loader, list.reload);
  const act = async (perform: () => Promise<string>): Promise<void> => {
    if (!(await result.run(perform))) return;
    await list.reload();
    focusTitle();
  };
  const end = async (session: AdminSession): Promise<void> => {
    const who = userName(session);
    const own = session.id === sessionId ? ' It is the session you are using now.' : '';
    const message = `${who} in ${session.browser}: every tab of this session is signed out at once, on every node.${own}`;
    if (!(await confirmAction({ title: 'End this session?', message, confirmLabel: 'End it' }))) return;
    await act(() => api.endSession(session.id).then(() => `The session of ${who} was ended.`));
  };
  const endAll = async (session: AdminSession): Promise<void> => {
    const own = session.user_id === operator?.id ? ' That is you, in this browser as well.' : '';
    const message = `${userName(session)} is signed out on all devices at once.${own}`;
    if (!(await confirmAction({ title: 'End all sessions of this user?', message, confirmLabel: 'End all' }))) return;
    await act(() => api.endUserSessions(session.user_id).then(({ ended }) => sessionsEndedMessage(ended)));
  };
  return (
    <SectionCard title="Sessions">
      {user !== '' && (
        <p class="notice" data-testid="one-user">
          Only the user <strong>{names(user)}</strong>. <a href="#sessions">Show all users</a>
        </p>
      )}
      <SearchForm
        prefix="sessions"
        fields={[
          searchField('email', 'Address begins with'),
          searchField('tenant', 'Tenant', tenant),
          {
            type: 'select',
            name: 'online',
            label: 'Show',
            options: [
              ['', 'All live sessions'],
              ['true', 'With a tab open'],
              ['false', 'Without a tab open'],
            ],
          },
        ]}
        send={(values) => list.search({ ...values, user })}
      />
      <ResultMessage result={result} />
      <PagedList list={list} empty="No matching sessions.">
        {(session, now) => (
          <SessionRow
            key={session.id}
            session={session}
            now={now}
            isOwn={session.id === sessionId}
            onEnd={() => end(session)}
            onEndAll={() => endAll(session)}
          />
        )}
      </PagedList>
    </SectionCard>
  );
}
