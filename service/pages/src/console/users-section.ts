import type { AdminUser } from '@latchkey/contract';
import { element } from '../element.ts';
import { formatDateTime } from '../messages.ts';
import { createRowButton } from './button.ts';
import { selectField } from './choice-fields.ts';
import type { Filter } from './console-api.ts';
import { type ConfirmOptions, confirmAction } from './dialog.ts';
import { accountName, sessionsEndedMessage } from './labels.ts';
import { createPagedList } from './paged-list.ts';
import { createResultMessage } from './result-message.ts';
import { type Badge, createConsoleRow } from './row.ts';
import { createSearchForm, searchField } from './search-form.ts';
import { createCard, type Section, type SectionDeps } from './section.ts';

const filterPresets: Readonly<Record<string, Filter>> = {
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

/** Lists users. Operators disable and enable them here, change who is an operator, and end sessions. */
export function createUsersSection({ api, user: operator, query }: SectionDeps): Section {
  const outcome = createResultMessage();
  const tenant = query.get('tenant') ?? '';

  const act = async (question: ConfirmOptions | undefined, perform: () => Promise<string>): Promise<void> => {
    if (question !== undefined && !(await confirmAction(question))) return;
    if (await outcome.run(perform)) await list.reload();
  };
  const disable = (user: AdminUser) =>
    act(
      {
        title: 'Disable this user?',
        message: `${accountName(user)} is signed out everywhere at once, and cannot sign in until enabled again.`,
        confirmLabel: 'Disable',
      },
      () => api.changeUser(user.id, { disabled: true }).then(() => `${accountName(user)} is disabled.`),
    );
  const enable = (user: AdminUser) =>
    act(undefined, () =>
      api.changeUser(user.id, { disabled: false }).then(() => `${accountName(user)} may sign in again.`),
    );
  const makeOperator = (user: AdminUser) =>
    act(
      {
        title: 'Make this user an operator?',
        message: `${accountName(user)} gets access to the console, with the same permissions as you.`,
        confirmLabel: 'Make operator',
      },
      () => api.changeUser(user.id, { operator: true }).then(() => `${accountName(user)} is an operator.`),
    );
  const removeOperator = (user: AdminUser) =>
    act(
      {
        title: 'Remove this operator?',
        message: `${accountName(user)} keeps the account, and loses access to the console at once.`,
        confirmLabel: 'Remove operator',
      },
      () => api.changeUser(user.id, { operator: false }).then(() => `${accountName(user)} is no longer an operator.`),
    );
  const end = (user: AdminUser) =>
    act(
      {
        title: 'End all sessions of this user?',
        message: `${accountName(user)} is signed out on all devices at once.`,
        confirmLabel: 'End all',
      },
      () => api.endUserSessions(user.id).then(({ ended }) => sessionsEndedMessage(ended)),
    );
  const actionsOf = (user: AdminUser) => {
    const name = accountName(user);
    const links = ['Sessions', 'Audit'].map((words) =>
      element('a', { href: `#${words.toLowerCase()}?user=${user.id}`, 'aria-label': `${words}: ${name}` }, words),
    );
    if (user.id === operator?.id) return links;
    return [
      ...links,
      createRowButton('End sessions', name, () => end(user)),
      user.operator
        ? createRowButton('Remove operator', name, () => removeOperator(user))
        : createRowButton('Make operator', name, () => makeOperator(user)),
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
        name: accountName,
        badges: (user) => badgesOf(user, user.id === operator?.id),
        facts: ({ tenant_id, created_at, disabled_at }) => [
          `tenant ${tenant_id}`,
          `since ${formatDateTime(created_at)}`,
          ...(disabled_at === null ? [] : [`disabled ${formatDateTime(disabled_at)}`]),
        ],
        details: ({ id, external_id }) => [
          ['User', id],
          ...(external_id === null ? [] : [['External id', external_id] as const]),
        ],
        actionsKey: ({ operator, disabled_at }) => `${operator} ${disabled_at === null}`,
        actions: actionsOf,
      }),
    empty: 'No matching users.',
  });
  const search = createSearchForm({
    prefix: 'users',
    fields: [
      searchField('email', 'Address begins with'),
      searchField('tenant', 'Tenant', tenant),
      selectField({ name: 'which', label: 'Show' }, [
        ['', 'All'],
        ['operators', 'Operators'],
        ['disabled', 'Disabled'],
      ]),
    ],
    send: ({ which = '', ...values }) => list.search({ ...values, ...filterPresets[which] }),
  });
  return Object.freeze({ node: createCard('Users', search, outcome.node, list.node), load: list.reload });
}
