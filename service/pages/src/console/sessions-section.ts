import type { AdminSession } from '@latchkey/contract';
import { ageOf, momentOf } from '../words.ts';
import { createRowButton } from './button.ts';
import { selectField } from './choice-fields.ts';
import { badgeOfSockets, nameOfUser, sentenceOfEnds, wordsOfServers } from './console-words.ts';
import { confirm } from './dialog.ts';
import { createNames } from './names.ts';
import { createOneUser } from './one-user.ts';
import { createOutcome } from './outcome.ts';
import { createPagedList } from './paged-list.ts';
import { createConsoleRow, type RowParts } from './row.ts';
import { createSearchForm, searchField } from './search-form.ts';
import { createCard, focusTitle, type Section, type SectionNeeds } from './section.ts';

function spokenOf(session: AdminSession): string {
  return `${nameOfUser(session)}, ${session.browser}`;
}

/** What a row says of a session, and what it says when asked for more. */
function partsOf(sessionId: string | undefined): Omit<RowParts<AdminSession>, 'actions' | 'actionsKey'> {
  return {
    name: nameOfUser,
    spoken: spokenOf,
    badges: ({ id, sockets }) => [badgeOfSockets(sockets), ...(id === sessionId ? [{ text: 'This browser' }] : [])],
    facts: ({ browser, address_prefix, tenant_id, last_active_at, bound }, now) => [
      browser,
      address_prefix ?? 'address unknown',
      `tenant ${tenant_id}`,
      `active ${ageOf(last_active_at, now)}`,
      ...(bound ? [] : ['not bound to its browser']),
    ],
    details: (session) => [
      ['Session', session.id],
      ['User', session.user_id],
      ['Signed in', momentOf(session.created_at)],
      ['Ends', `${momentOf(session.expires_at)}, if not before`],
      ['Token', `generation ${session.generation}, ${session.bound ? 'bound to its browser’s key' : 'not bound'}`],
      ['Tabs', wordsOfServers(session.servers)],
    ],
  };
}

/** Live sessions, as they come and go; search, and ends of one or of all of a person. */
export function createSessionsSection({ api, user: operator, sessionId, asked }: SectionNeeds): Section {
  const outcome = createOutcome();
  const [user, tenant] = [asked.get('user') ?? '', asked.get('tenant') ?? ''];

  const end = async (session: AdminSession): Promise<void> => {
    const who = nameOfUser(session);
    const isOwn = session.id === sessionId;
    const sentence = `${who} in ${session.browser}: every tab of this session is signed out at once, on every node.${
      isOwn ? ' It is the session you are using now.' : ''
    }`;
    if (!(await confirm({ title: 'End this session?', sentence, yes: 'End it' }))) return;
    await act(() => api.endSession(session.id).then(() => `The session of ${who} was ended.`));
  };
  const endAll = async (session: AdminSession): Promise<void> => {
    const who = nameOfUser(session);
    const isOwn = session.user_id === operator?.id;
    const sentence = `Everything that ${who} is signed in on is signed out at once.${
      isOwn ? ' That is you, in this browser as well.' : ''
    }`;
    if (!(await confirm({ title: 'End all sessions of this person?', sentence, yes: 'End all' }))) return;
    await act(() => api.endUser(session.user_id).then(({ ended }) => sentenceOfEnds(ended)));
  };
  const act = async (perform: () => Promise<string>): Promise<void> => {
    if (!(await outcome.attempt(perform))) return;
    await list.again();
    focusTitle(node);
  };
  const list = createPagedList<AdminSession>({
    load: api.sessions,
    filter: { user, tenant },
    keyOf: ({ id }) => id,
    createRow: () =>
      createConsoleRow<AdminSession>({
        ...partsOf(sessionId),
        actionsKey: () => 'always',
        actions: (session) => [
          createRowButton('End', spokenOf(session), () => end(session), { 'data-testid': 'end' }),
          createRowButton('End all of theirs', nameOfUser(session), () => endAll(session)),
        ],
      }),
    empty: 'There is no such session.',
  });
  const search = createSearchForm({
    prefix: 'sessions',
    fields: [
      searchField('email', 'Address begins with'),
      searchField('tenant', 'Tenant', tenant),
      selectField({ name: 'online', label: 'Which' }, [
        ['', 'All live ones'],
        ['true', 'With a tab open'],
        ['false', 'Without'],
      ]),
    ],
    send: (values) => list.search({ ...values, user }),
  });
  const whose = user === '' ? undefined : createOneUser(createNames(api), user, '#sessions');
  const node = createCard('Sessions', whose, search, outcome.node, list.node);
  return Object.freeze({ node, load: list.again });
}
