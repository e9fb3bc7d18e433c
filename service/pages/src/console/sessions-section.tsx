import type { AdminSession } from '@latchkey/contract';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { Filled } from '../words/filled.tsx';
import { formatAge, formatDateTime } from '../words/formats.ts';
import { fill, words } from '../words/words.ts';
import { ConsoleRow, RowButton, RowDetails } from './console-row.tsx';
import { confirmAction } from './dialogs.tsx';
import { endAllQuestion, serversLabel, sessionsEndedMessage, socketsBadge, userName } from './labels.ts';
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
  const { account, console, sessions } = words();
  const row = `${userName(session)}, ${session.browser}`;
  const { address_prefix, bound } = session;
  const generation = { generation: String(session.generation) };
  return (
    <ConsoleRow
      name={userName(session)}
      badges={[socketsBadge(session.sockets), ...(isOwn ? [{ text: account.thisBrowser }] : [])]}
      facts={[
        session.browser,
        address_prefix ?? account.addressUnknown,
        fill(console.ofTenant, { tenant: session.tenant_id }),
        fill(sessions.active, { age: formatAge(session.last_active_at, now) }),
        ...(bound ? [] : [sessions.unbound]),
      ]}
      details={
        <RowDetails
          row={row}
          pairs={[
            [account.session, session.id],
            [account.user, session.user_id],
            [sessions.signedIn, formatDateTime(session.created_at)],
            [sessions.ends, fill(sessions.endsAt, { date: formatDateTime(session.expires_at) })],
            [sessions.token, bound ? fill(sessions.tokenBound, generation) : fill(sessions.tokenUnbound, generation)],
            [sessions.tabs, serversLabel(session.servers)],
          ]}
        />
      }
    >
      <RowButton row={row} onClick={onEnd} testId="end">
        {account.end}
      </RowButton>
      <RowButton row={userName(session)} onClick={onEndAll}>
        {sessions.endAllOfUser}
      </RowButton>
    </ConsoleRow>
  );
}

/** Live sessions, updated live, with search, and buttons that end one session or all of a user. */
export function SessionsSection({ api, user: operator, sessionId, query, loader }: SectionProps) {
  const [user, tenant] = [query.get('user') ?? '', query.get('tenant') ?? ''];
  const { sessions } = words();
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
    const own = session.id === sessionId ? sessions.endOwn : '';
    const message = `${fill(sessions.endMeaning, { user: who, browser: session.browser })} ${own}`.trim();
    if (!(await confirmAction({ title: sessions.endTitle, message, confirmLabel: sessions.endIt }))) return;
    await act(() => api.endSession(session.id).then(() => fill(sessions.ended, { user: who })));
  };
  const endAll = async (session: AdminSession): Promise<void> => {
    const own = session.user_id === operator?.id ? sessions.endAllOwn : '';
    if (!(await confirmAction(endAllQuestion(userName(session), own)))) return;
    await act(() => api.endUserSessions(session.user_id).then(({ ended }) => sessionsEndedMessage(ended)));
  };
  return (
    <SectionCard title={words().console.sessions}>
      {user !== '' && (
        <p class="notice" data-testid="one-user">
          <Filled
            text={sessions.oneUser}
            values={{ user: <strong>{names(user)}</strong>, all: <a href="#sessions">{sessions.allUsers}</a> }}
          />
        </p>
      )}
      <SearchForm
        prefix="sessions"
        fields={[
          searchField('email', words().console.addressBegins),
          searchField('tenant', words().account.tenant, tenant),
          {
            type: 'select',
            name: 'online',
            label: words().console.show,
            options: [
              ['', sessions.all],
              ['true', sessions.withTab],
              ['false', sessions.withoutTab],
            ],
          },
        ]}
        send={(values) => list.search({ ...values, user })}
      />
      <ResultMessage result={result} />
      <PagedList list={list} empty={sessions.empty}>
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
