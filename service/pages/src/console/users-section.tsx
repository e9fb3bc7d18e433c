import type { AdminUser } from '@latchkey/contract';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { formatDateTime } from '../words/formats.ts';
import { fill, words } from '../words/words.ts';
import type { Filter } from './console-api.ts';
import { ConsoleRow, RowButton, RowDetails, RowLinks } from './console-row.tsx';
import { confirmAction } from './dialogs.tsx';
import { accountName, type Badge, endAllQuestion, sessionsEndedMessage } from './labels.ts';
import { useListModel } from './list-model.ts';
import { PagedList } from './paged-list.tsx';
import { SearchForm, searchField } from './search-form.tsx';
import { SectionCard, type SectionProps, useLoader } from './section-card.tsx';

const filterPresets: Readonly<Record<string, Filter>> = {
  operators: { operator: 'true' },
  disabled: { disabled: 'true' },
};

function badgesOf({ operator, disabled_at }: AdminUser, isOwn: boolean): Badge[] {
  const { users } = words();
  return [
    ...(operator ? [{ text: users.operator }] : []),
    ...(disabled_at === null ? [] : [{ text: users.disabled, tone: 'bad' as const }]),
    ...(isOwn ? [{ text: users.you }] : []),
  ];
}

/** A change of a user: what it asks before, and what it says of them after. */
interface UserChange {
  readonly title: string;
  readonly meaning: string;
  readonly confirmLabel: string;
  readonly change: { readonly disabled?: boolean; readonly operator?: boolean };
  readonly done: string;
}

function disabling(user: string): UserChange {
  const { disable, disabledNews, disableMeaning, disableTitle } = words().users;
  return {
    title: disableTitle,
    meaning: fill(disableMeaning, { user }),
    confirmLabel: disable,
    change: { disabled: true },
    done: fill(disabledNews, { user }),
  };
}

function operatorChange(user: string, isOperator: boolean): UserChange {
  const { users } = words();
  const [title, meaning, confirmLabel, done] = isOperator
    ? ([users.removeTitle, users.removeMeaning, users.remove, users.removed] as const)
    : ([users.makeTitle, users.makeMeaning, users.make, users.made] as const);
  const change = { operator: !isOperator };
  return { title, meaning: fill(meaning, { user }), confirmLabel, change, done: fill(done, { user }) };
}

/** Lists users. Operators disable and enable them here, change who is an operator, and end sessions. */
export function UsersSection({ api, user: operator, query, loader }: SectionProps) {
  const tenant = query.get('tenant') ?? '';
  const { account, console, users } = words();
  const result = useResult();
  const list = useListModel<AdminUser>(api.users, { tenant });
  useLoader(loader, list.reload);
  const act = async (perform: () => Promise<string>): Promise<void> => {
    if (await result.run(perform)) await list.reload();
  };
  const change = async ({ id }: AdminUser, { title, meaning, confirmLabel, change, done }: UserChange) => {
    if (!(await confirmAction({ title, message: meaning, confirmLabel }))) return;
    await act(() => api.changeUser(id, change).then(() => done));
  };
  const enable = (user: AdminUser) =>
    act(() =>
      api.changeUser(user.id, { disabled: false }).then(() => fill(users.enabled, { user: accountName(user) })),
    );
  const end = async (user: AdminUser): Promise<void> => {
    if (!(await confirmAction(endAllQuestion(accountName(user))))) return;
    await act(() => api.endUserSessions(user.id).then(({ ended }) => sessionsEndedMessage(ended)));
  };
  const actionsOf = (user: AdminUser, row: string) => {
    const ofOperator = operatorChange(row, user.operator);
    const isEnabled = user.disabled_at === null;
    return (
      <>
        <RowButton row={row} onClick={() => end(user)}>
          {console.endSessions}
        </RowButton>
        <RowButton row={row} onClick={() => change(user, ofOperator)}>
          {ofOperator.confirmLabel}
        </RowButton>
        <RowButton
          row={row}
          isDanger={isEnabled}
          onClick={() => (isEnabled ? change(user, disabling(row)) : enable(user))}
        >
          {isEnabled ? users.disable : users.enable}
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
          fill(console.ofTenant, { tenant: user.tenant_id }),
          fill(console.since, { date: formatDateTime(user.created_at) }),
          ...(disabled_at === null ? [] : [fill(users.disabledAt, { date: formatDateTime(disabled_at) })]),
        ]}
        details={
          <RowDetails
            row={row}
            pairs={[[account.user, id], ...(external_id === null ? [] : [[users.externalId, external_id] as const])]}
          />
        }
      >
        <RowLinks row={row} to={['sessions', 'audit']} query={`user=${id}`} />
        {!isOwn && actionsOf(user, row)}
      </ConsoleRow>
    );
  };
  return (
    <SectionCard title={console.users}>
      <SearchForm
        prefix="users"
        fields={[
          searchField('email', console.addressBegins),
          searchField('tenant', account.tenant, tenant),
          {
            type: 'select',
            name: 'which',
            label: console.show,
            options: [
              ['', users.all],
              ['operators', users.operators],
              ['disabled', users.disabledOnes],
            ],
          },
        ]}
        send={({ which = '', ...values }) => list.search({ ...values, ...filterPresets[which] })}
      />
      <ResultMessage result={result} />
      <PagedList list={list} empty={users.empty}>
        {rowOf}
      </PagedList>
    </SectionCard>
  );
}
