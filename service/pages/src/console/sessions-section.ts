import type { AdminSession } from '@latchkey/contract';
import { createForm } from '../form.ts';
import { ageOf } from '../words.ts';
import { createRowButton } from './button.ts';
import { selectField } from './choice-fields.ts';
import type { Filter } from './console-api.ts';
import { nameOfUser, sentenceOfEnds, wordsOfSockets } from './console-words.ts';
import { confirm } from './dialog.ts';
import { createOneUser } from './one-user.ts';
import { createOutcome } from './outcome.ts';
import { createPagedList } from './paged-list.ts';
import { createConsoleRow } from './row.ts';
import { createCard, focusTitle, type Section, type SectionNeeds } from './section.ts';

/** Live sessions, as they come and go; search, and ends of one or of all of a person. */
export function createSessionsSection({ api, sessionId, asked }: SectionNeeds): Section {
  const outcome = createOutcome();
  const user = asked.get('user') ?? '';
  let filter: Filter = { user };

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
    const sentence = `Everything that ${who} is signed in on is signed out at once.`;
    if (!(await confirm({ title: 'End all sessions of this person?', sentence, yes: 'End all' }))) return;
    await act(() => api.endUser(session.user_id).then(({ ended }) => sentenceOfEnds(ended)));
  };
  const act = async (perform: () => Promise<string>): Promise<void> => {
    if (!(await outcome.attempt(perform))) return;
    await list.again();
    focusTitle(node);
  };
  const list = createPagedList<AdminSession>({
    load: (cursor) => api.sessions(filter, cursor),
    keyOf: ({ id }) => id,
    createRow: () =>
      createConsoleRow<AdminSession>({
        name: nameOfUser,
        badges: ({ id, sockets }) => [wordsOfSockets(sockets), ...(id === sessionId ? ['This browser'] : [])],
        facts: (session, now) => [
          session.browser,
          session.address_prefix ?? 'address unknown',
          `tenant ${session.tenant_id}`,
          `active ${ageOf(session.last_active_at, now)}`,
          `generation ${session.generation}`,
          session.bound ? 'bound to its browser' : 'not bound',
        ],
        actionsKey: () => 'always',
        actions: (session) => [
          createRowButton('End', `${nameOfUser(session)}, ${session.browser}`, () => end(session), {
            'data-testid': 'end',
          }),
          createRowButton('End all of theirs', nameOfUser(session), () => endAll(session)),
        ],
      }),
    empty: 'There is no such session.',
  });
  const search = createForm({
    prefix: 'sessions',
    fields: [
      { name: 'email', label: 'Address begins with', type: 'text', autocomplete: 'off' },
      { name: 'tenant', label: 'Tenant', type: 'text', autocomplete: 'off' },
      selectField({ name: 'online', label: 'Which' }, [
        ['', 'All live ones'],
        ['true', 'With a tab open'],
        ['false', 'Without'],
      ]),
    ],
    submit: 'Search',
    submitting: 'Searching…',
    send: (values) => {
      filter = { ...values, user };
      return list.first();
    },
  });
  search.node.classList.add('filters');
  search.node.setAttribute('role', 'search');
  const whose = user === '' ? undefined : createOneUser(api, user, '#sessions');
  const node = createCard('Sessions', whose, search.node, outcome.node, list.node);
  return Object.freeze({ node, load: list.again });
}
