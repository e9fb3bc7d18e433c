import type { AdminUser } from '@latchkey/contract';
import { element } from '../element.ts';
import { momentOf } from '../words.ts';
import { createRowButton } from './button.ts';
import { selectField } from './choice-fields.ts';
import type { Filter } from './console-api.ts';
import { nameOfAccount, sentenceOfEnds } from './console-words.ts';
import { confirm, type Question } from './dialog.ts';
import { createOutcome } from './outcome.ts';
import { createPagedList } from './paged-list.ts';
import { type Badge, createConsoleRow } from './row.ts';
import { createSearchForm, searchField } from './search-form.ts';
import { createCard, type Section, type SectionNeeds } from './section.ts';

const narrowed: Readonly<Record<string, Filter>> = {
  operators: { operator: 'true' },
  disabled: { disabled: 'true' },
};

function badgesOf({ operator, disabled_at }: AdminUser, isOwn: boolean): Badge[] {
  return [
    ...(operator ? [{ text: 'Operator' }] : []),
    ...(disabled_at === null ? [] : [{ text: 'Disabled', tone: 'bad' as const }]),
    ...(isOwn ? [{ text: 'You' }] : []),
  ];
}

/** Who has an account; lets them in or not, and marks operators. */
export function createUsersSection({ api, user: operator, asked }: SectionNeeds): Section {
  const outcome = createOutcome();
  const tenant = asked.get('tenant') ?? '';

  const act = async (question: Question | undefined, perform: () => Promise<string>): Promise<void> => {
    if (question !== undefined && !(await confirm(question))) return;
    if (await outcome.attempt(perform)) await list.again();
  };
  const disable = (user: AdminUser) =>
    act(
      {
        title: 'Disable this user?',
        sentence: `${nameOfAccount(user)} is signed out everywhere at once, and cannot sign in until enabled again.`,
        yes: 'Disable',
      },
      () => api.changeUser(user.id, { disabled: true }).then(() => `${nameOfAccount(user)} is disabled.`),
    );
  const enable = (user: AdminUser) =>
    act(undefined, () =>
      api.changeUser(user.id, { disabled: false }).then(() => `${nameOfAccount(user)} may sign in again.`),
    );
  const mark = (user: AdminUser) =>
    act(
      {
        title: 'Make this user an operator?',
        sentence: `${nameOfAccount(user)} may then do here whatever you may.`,
        yes: 'Make operator',
      },
      () => api.changeUser(user.id, { operator: true }).then(() => `${nameOfAccount(user)} is an operator.`),
    );
  const unmark = (user: AdminUser) =>
    act(
      {
        title: 'Take the operator mark?',
        sentence: `${nameOfAccount(user)} loses access to the console at once.`,
        yes: 'Take the mark',
      },
      () => api.changeUser(user.id, { operator: false }).then(() => `${nameOfAccount(user)} is no operator any more.`),
    );
  const end = (user: AdminUser) =>
    act(
      {
        title: 'End all sessions of this user?',
        sentence: `Everything that ${nameOfAccount(user)} is signed in on is signed out at once.`,
        yes: 'End all',
      },
      () => api.endUser(user.id).then(({ ended }) => sentenceOfEnds(ended)),
    );
  const actionsOf = (user: AdminUser) => {
    const name = nameOfAccount(user);
    const links = ['Sessions', 'Audit'].map((words) =>
      element('a', { href: `#${words.toLowerCase()}?user=${user.id}`, 'aria-label': `${words}: ${name}` }, words),
    );
    if (user.id === operator?.id) return links;
    return [
      ...links,
      createRowButton('End sessions', name, () => end(user)),
      user.operator
        ? createRowButton('Take the mark', name, () => unmark(user))
        : createRowButton('Make operator', name, () => mark(user)),
      user.disabled_at === null
        ? createRowButton('Disable', name, () => disable(user), { class: 'danger' })
        : createRowButton('Enable', name, () => enable(user)),
    ];
  };
  const list = createPagedList<AdminUser>({
    load: api.users,
    filter: { tenant },
    keyOf: ({ id }) => id,
    createRow: () =>
      createConsoleRow<AdminUser>({
        name: nameOfAccount,
        badges: (user) => badgesOf(user, user.id === operator?.id),
        facts: ({ tenant_id, created_at, disabled_at }) => [
          `tenant ${tenant_id}`,
          `since ${momentOf(created_at)}`,
          ...(disabled_at === null ? [] : [`disabled ${momentOf(disabled_at)}`]),
        ],
        details: ({ id, external_id }) => [
          ['User', id],
          ...(external_id === null ? [] : [['External id', external_id] as const]),
        ],
        actionsKey: ({ operator, disabled_at }) => `${operator} ${disabled_at === null}`,
        actions: actionsOf,
      }),
    empty: 'There is no such user.',
  });
  const search = createSearchForm({
    prefix: 'users',
    fields: [
      searchField('email', 'Address begins with'),
      searchField('tenant', 'Tenant', tenant),
      selectField({ name: 'which', label: 'Which' }, [
        ['', 'Everybody'],
        ['operators', 'Operators'],
        ['disabled', 'Disabled ones'],
      ]),
    ],
    send: ({ which = '', ...values }) => list.search({ ...values, ...narrowed[which] }),
  });
  return Object.freeze({ node: createCard('Users', search, outcome.node, list.node), load: list.again });
}
