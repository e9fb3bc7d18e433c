import type { AdminUser } from '@latchkey/contract';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { formatDateTime } from '../messages.ts';
import type { Filter } from './console-api.ts';
import { ConsoleRow, RowButton, RowDetails, RowLinks } from './console-row.tsx';
import { confirmAction } from './dialogs.tsx';
import { accountName, type Badge, sessionsEndedMessage } from './labels.ts';
import { useListModel } from './list-model.ts';
import { PagedList } from './paged-list.tsx';
import { SearchForm, searchField } from './search-form.tsx';
import { SectionCard, type SectionProps, useLoader } from './section-card.tsx';

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

/** A change of a user: what it asks before, and what it says of them after. */
interface UserChange {
  readonly title: string;
  readonly consequence: string;
  readonly confirmLabel: string;
  readonly change: { readonly disabled?: boolean; readonly operator?: boolean };
  readonly done: string;
}

const changes = {
  disable: {
    title: 'Disable this user?',
    consequence: 'is signed out everywhere at once, and cannot sign in until enabled again.',
    confirmLabel: 'Disable',
    change: { disabled: true },
    done: 'is disabled.',
  },
  makeOperator: {
    title: 'Make this user an operator?',
    consequence: 'gets access to the console, with the same permissions as you.',
    confirmLabel: 'Make operator',
    change: { operator: true },
    done: 'is an operator.',
  },
  removeOperator: {
    title: 'Remove this operator?',
    consequence: 'keeps the account, and loses access to the console at once.',
    confirmLabel: 'Remove operator',
    change: { operator: false },
    done: 'is no longer an operator.',
  },
} satisfies Record<string, UserChange>;

/** Lists users. Operators disable and enable them here, change who is an operator, and end sessions. */
export function UsersSection({ api, user: operator, query, loader }: SectionProps) {
  const tenant = query.get('tenant') ?? '';
  const result = useResult();
  const list = useListModel<AdminUser>(api.users, { tenant });
  useLoader(loader, list.reload);
  const act = async (perform: () => Promise<string>): Promise<void> => {
    if (await result.run(perform)) await list.reload();
  };
  const change = async (user: AdminUser, { title, consequence, confirmLabel, change, done }: UserChange) => {
    const name = accountName(user);
    if (!(await confirmAction({ title, message: `${name} ${consequence}`, confirmLabel }))) return;
    await act(() => api.changeUser(user.id, change).then(() => `${name} ${done}`));
  };
  const enable = (user: AdminUser) =>
    act(() => api.changeUser(user.id, { disabled: false }).then(() => `${accountName(user)} may sign in again.`));
  const end = async (user: AdminUser): Promise<void> => {
    const message = `${accountName(user)} is signed out on all devices at once.`;
    if (!(await confirmAction({ title: 'End all sessions of this user?', message, confirmLabel: 'End all' }))) return;
    await act(() => api.endUserSessions(user.id).then(({ ended }) => sessionsEndedMessage(ended)));
  };
  const actionsOf = (user: AdminUser, row: string) => {
    const operatorChange = user.operator ? changes.removeOperator : changes.makeOperator;
    const isEnabled = user.disabled_at === null;
    return (
      <>
        <RowButton row={row} onClick={() => end(user)}>
          End sessions
        </RowButton>
        <RowButton row={row} onClick={() => change(user, operatorChange)}>
          {operatorChange.confirmLabel}
        </RowButton>
        <RowButton
          row={row}
          isDanger={isEnabled}
          onClick={() => (isEnabled ? change(user, changes.disable) : enable(user))}
        >
          {isEnabled ? 'Disable' : 'Enable'}
        </RowButton>
      </>
    );
  };
  const rowOf = (user: AdminUser) => {
    const { id, external_id, disabled_at } = user;
    const row = accountName(user);
    const isOwn = id === operator?.id;
    return (
      <ConsoleRow
        key={id}
        name={row}
        badges={badgesOf(user, isOwn)}
        facts={[
          `tenant ${user.tenant_id}`,
          `since ${formatDateTime(user.created_at)}`,
          ...(disabled_at === null ? [] : [`disabled ${formatDateTime(disabled_at)}`]),
        ]}
        details={
          <RowDetails
            row={row}
            pairs={[['User', id], ...(external_id === null ? [] : [['External id', external_id] as const])]}
          />
        }
      >
        <RowLinks row={row} to={['Sessions', 'Audit']} query={`user=${id}`} />
        {!isOwn && actionsOf(user, row)}
      </ConsoleRow>
    );
  };
  return (
    <SectionCard title="Users">
      <SearchForm
        prefix="users"
        fields={[
          searchField('email', 'Address begins with'),
          searchField('tenant', 'Tenant', tenant),
          {
            type: 'select',
            name: 'which',
            label: 'Show',
            options: [
              ['', 'All'],
              ['operators', 'Operators'],
              ['disabled', 'Disabled'],
            ],
          },
        ]}
        send={({ which = '', ...values }) => list.search({ ...values, ...filterPresets[which] })}
      />
      <ResultMessage result={result} />
      <PagedList list={list} empty="No matching users.">
        {rowOf}
      </PagedList>
    </SectionCard>
  );
}
