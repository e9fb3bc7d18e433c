import type { AdminSession } from '@latchkey/contract';
import { formatAge, formatDateTime } from '../messages.ts';
import { createRowButton } from './button.ts';
import { selectField } from './choice-fields.ts';
import { confirmAction } from './dialog.ts';
import { serversLabel, sessionsEndedMessage, socketsBadge, userName } from './labels.ts';
import { createNameCache } from './name-cache.ts';
import { createPagedList } from './paged-list.ts';
import { createResultMessage } from './result-message.ts';
import { createConsoleRow, type RowOptions } from './row.ts';
import { createSearchForm, searchField } from './search-form.ts';
import { createCard, focusTitle, type Section, type SectionDeps } from './section.ts';
import { createUserFilterNotice } from './user-filter-notice.ts';

function accessibleNameOf(session: AdminSession): string {
  return `${userName(session)}, ${session.browser}`;
}

/** What a row says of a session, and what it says when asked for more. */
function rowOptions(sessionId: string | undefined): Omit<RowOptions<AdminSession>, 'actions' | 'actionsKey'> {
  return {
    name: userName,
    accessibleName: accessibleNameOf,
    badges: ({ id, sockets }) => [socketsBadge(sockets), ...(id === sessionId ? [{ text: 'This browser' }] : [])],
    facts: ({ browser, address_prefix, tenant_id, last_active_at, bound }, now) => [
      browser,
      address_prefix ?? 'address unknown',
      `tenant ${tenant_id}`,
      `active ${formatAge(last_active_at, now)}`,
      ...(bound ? [] : ['not bound to its browser']),
    ],
    details: (session) => [
      ['Session', session.id],
      ['User', session.user_id],
      ['Signed in', formatDateTime(session.created_at)],
      ['Ends', `${formatDateTime(session.expires_at)}, if not before`],
      ['Token', `generation ${session.generation}, ${session.bound ? 'bound to its browser’s key' : 'not bound'}`],
      ['Tabs', serversLabel(session.servers)],
    ],
  };
}

/** Live sessions, updated live, with search, and buttons that end one session or all of a user. */
export function createSessionsSection({ api, user: operator, sessionId, query }: SectionDeps): Section {
  const outcome = createResultMessage();
  const [user, tenant] = [query.get('user') ?? '', query.get('tenant') ?? ''];

  const end = async (session: AdminSession): Promise<void> => {
    const who = userName(session);
    const isOwn = session.id === sessionId;
    const message = `${who} in ${session.browser}: every tab of this session is signed out at once, on every node.${
      isOwn ? ' It is the session you are using now.' : ''
    }`;
    if (!(await confirmAction({ title: 'End this session?', message, confirmLabel: 'End it' }))) return;
    await act(() => api.endSession(session.id).then(() => `The session of ${who} was ended.`));
  };
  const endAll = async (session: AdminSession): Promise<void> => {
    const who = userName(session);
    const isOwn = session.user_id === operator?.id;
    const message = `${who} is signed out on all devices at once.${
      isOwn ? ' That is you, in this browser as well.' : ''
    }`;
    if (!(await confirmAction({ title: 'End all sessions of this user?', message, confirmLabel: 'End all' }))) return;
    await act(() => api.endUserSessions(session.user_id).then(({ ended }) => sessionsEndedMessage(ended)));
  };
  const act = async (perform: () => Promise<string>): Promise<void> => {
    if (!(await outcome.run(perform))) return;
    await list.reload();
    focusTitle(node);
  };
  const list = createPagedList<AdminSession>({
    load: api.sessions,
    filter: { user, tenant },
    keyOf: ({ id }) => id,
    createRow: () =>
      createConsoleRow<AdminSession>({
        ...rowOptions(sessionId),
        actionsKey: () => 'always',
        actions: (session) => [
          createRowButton('End', accessibleNameOf(session), () => end(session), { 'data-testid': 'end' }),
          createRowButton('End all of this user', userName(session), () => endAll(session)),
        ],
      }),
    empty: 'No matching sessions.',
  });
  const search = createSearchForm({
    prefix: 'sessions',
    fields: [
      searchField('email', 'Address begins with'),
      searchField('tenant', 'Tenant', tenant),
      selectField({ name: 'online', label: 'Show' }, [
        ['', 'All live sessions'],
        ['true', 'With a tab open'],
        ['false', 'Without a tab open'],
      ]),
    ],
    send: (values) => list.search({ ...values, user }),
  });
  const whose = user === '' ? undefined : createUserFilterNotice(createNameCache(api), user, '#sessions');
  const node = createCard('Sessions', whose, search, outcome.node, list.node);
  return Object.freeze({ node, load: list.reload });
}
