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
import { deleting, disabling, operatorChange, sendingReset, type UserAct } from './user-changes.ts';
import { openNewUserForm, openUserForm } from './user-form.ts';

const filterPresets: Readonly<Record<string, Filter>> = {
  operators: { operator: 'true' },
  disabled: { disabled: 'true' },
};

function badgesOf({ operator, disabled_at, password_change_required }: AdminUser, isOwn: boolean): Badge[] {
  const { users } = words();
  return [
    ...(operator ? [{ text: users.operator }] : []),
    ...(disabled_at === null ? [] : [{ text: users.disabled, tone: 'bad' as const }]),
    ...(password_change_required ? [{ text: users.passwordRequired }] : []),
    ...(isOwn ? [{ text: users.you }] : []),
  ];
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
  const ask = async ({ title, meaning, confirmLabel, perform, done }: UserAct) => {
    if (await confirmAction({ title, message: meaning, confirmLabel })) await act(() => perform().then(() => done));
  };
  const edit = (user: AdminUser): void =>
    openUserForm(api, user, async (done) => {
      // First the list, so that the next form has what was stored.
      await list.reload();
      await result.run(async () => done);
    });
  const enable = (user: AdminUser) =>
    act(() =>
      api.changeUser(user.id, { disabled: false }).then(() => fill(users.enabled, { user: accountName(user) })),
    );
  const end = async (user: AdminUser): Promise<void> => {
    if (!(await confirmAction(endAllQuestion(accountName(user))))) return;
    await act(() => api.endUserSessions(user.id).then(({ ended }) => sessionsEndedMessage(ended)));
  };
  const actionsOf = (user: AdminUser, row: string) => {
    const isEnabled = user.disabled_at === null;
    const hasPassword = user.external_id === null;
    const ofOperator = operatorChange(api, user);
    return (
      <>
        <RowButton row={row} onClick={() => edit(user)}>
          {console.change}
        </RowButton>
        {hasPassword && isEnabled && (
          <RowButton row={row} onClick={() => ask(sendingReset(api, user))}>
            {users.sendReset}
          </RowButton>
        )}
        <RowButton row={row} onClick={() => end(user)}>
          {console.endSessions}
        </RowButton>
        <RowButton row={row} onClick={() => ask(ofOperator)}>
          {ofOperator.confirmLabel}
        </RowButton>
        <RowButton
          row={row}
          isDanger={isEnabled}
          onClick={() => (isEnabled ? ask(disabling(api, user)) : enable(user))}
        >
          {isEnabled ? users.disable : users.enable}
        </RowButton>
        <RowButton row={row} isDanger onClick={() => ask(deleting(api, user))}>
          {users.deleteIt}
        </RowButton>
      </>
    );
  };
  const rowOf = (user: AdminUser) => {
    const { id, external_id, disabled_at, email, email_verified } = user;
    const row = accountName(user);
    const isOwn = id === operator?.id;
    return (
      <ConsoleRow
        key={id}
        name={row}
        badges={badgesOf(user, isOwn)}
        facts={[
          ...(user.name === null ? [] : [user.name]),
          ...(email === null ? [] : [email_verified ? users.verified : users.unverified]),
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
      <button type="button" onClick={() => openNewUserForm(api, tenant, (done) => act(async () => done))}>
        {users.add}
      </button>
      <SearchForm
        prefix="users"
        fields={[
          searchField('search', users.search),
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
