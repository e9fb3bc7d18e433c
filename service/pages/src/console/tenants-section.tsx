import type { AdminTenant } from '@latchkey/contract';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { fill, words } from '../words/words.ts';
import { openBrandForm } from './brand-form.ts';
import { ConsoleRow, RowButton, RowLinks } from './console-row.tsx';
import { confirmAction, openForm } from './dialogs.tsx';
import { type Badge, limitLabels, policyLabels, sessionsEndedMessage } from './labels.ts';
import { useListModel } from './list-model.ts';
import { PagedList } from './paged-list.tsx';
import { SectionCard, type SectionProps, useLoader } from './section-card.tsx';
import { newTenantFields, tenantFields, tenantForm, toTenant, toTenantPatch } from './tenant-form.ts';

function badgesOf({ disabled_at, registration_open }: AdminTenant): Badge[] {
  const { tenants, users } = words();
  return [
    { text: registration_open ? tenants.registrationOpen : tenants.registrationClosed },
    ...(disabled_at === null ? [] : [{ text: users.disabled, tone: 'bad' as const }]),
  ];
}

/** Lists tenants. Operators add and change them here, end all sessions of one, and disable and delete it. */
export function TenantsSection({ api, user, loader }: SectionProps) {
  const { brands, console, tenants, users } = words();
  const result = useResult();
  const list = useListModel<AdminTenant>((_, cursor) => api.tenants(cursor));
  useLoader(loader, list.reload);
  const change = (tenant: AdminTenant): void =>
    openForm({
      ...tenantForm,
      title: fill(tenants.changeTitle, { tenant: tenant.name }),
      lead: tenants.changeLead,
      fields: tenantFields(tenant),
      submit: console.save,
      submitting: console.saving,
      send: (values) => api.changeTenant(tenant.id, toTenantPatch(values, tenant)),
      async onSent({ name }) {
        // First the list, so that the next form has what was stored.
        await list.reload();
        await result.run(async () => fill(tenants.changed, { tenant: name ?? '' }));
      },
    });
  const add = (): void =>
    openForm({
      ...tenantForm,
      title: tenants.add,
      fields: newTenantFields(),
      submit: console.add,
      submitting: console.adding,
      send: (values) => api.createTenant({ id: values.id ?? '', ...toTenant(values) }),
      async onSent({ name }) {
        await result.run(async () => fill(tenants.added, { tenant: name ?? '' }));
        await list.loadFirst();
      },
    });
  const editBrand = (tenant: AdminTenant): void =>
    openBrandForm(api, tenant, async () => {
      await list.reload();
      await result.run(async () => fill(brands.changed, { tenant: tenant.name }));
    });
  const end = async ({ id, name }: AdminTenant): Promise<void> => {
    const own = id === user?.tenant_id ? tenants.endOwn : '';
    const message = `${fill(tenants.endMeaning, { tenant: name })} ${own}`.trim();
    const question = { title: tenants.endTitle, message, confirmLabel: tenants.endAll };
    if (!(await confirmAction(question))) return;
    await result.run(() => api.endTenantSessions(id).then(({ ended }) => sessionsEndedMessage(ended)));
  };
  const ask = async (question: Parameters<typeof confirmAction>[0], perform: () => Promise<string>) => {
    if (!(await confirmAction(question))) return;
    if (await result.run(perform)) await list.reload();
  };
  const setDisabled = ({ id, name, disabled_at }: AdminTenant): Promise<void> => {
    const values = { tenant: name };
    if (disabled_at !== null)
      return ask(
        { title: tenants.enableTitle, message: fill(tenants.enableMeaning, values), confirmLabel: users.enable },
        () => api.changeTenant(id, { disabled: false }).then(() => fill(tenants.enabled, values)),
      );
    return ask(
      { title: tenants.disableTitle, message: fill(tenants.disableMeaning, values), confirmLabel: users.disable },
      () => api.changeTenant(id, { disabled: true }).then(() => fill(tenants.disabledNews, values)),
    );
  };
  const remove = ({ id, name }: AdminTenant): Promise<void> => {
    const values = { tenant: name };
    return ask(
      { title: tenants.deleteTitle, message: fill(tenants.deleteMeaning, values), confirmLabel: users.deleteIt },
      () => api.deleteTenant(id).then(() => fill(tenants.deleted, values)),
    );
  };
  return (
    <SectionCard title={console.tenants}>
      <button type="button" onClick={add}>
        {tenants.add}
      </button>
      <ResultMessage result={result} />
      <PagedList list={list} empty={tenants.empty}>
        {(tenant) => (
          <ConsoleRow
            key={tenant.id}
            name={tenant.name}
            badges={badgesOf(tenant)}
            facts={[fill(tenants.ofId, { id: tenant.id }), ...limitLabels(tenant), ...policyLabels(tenant)]}
          >
            <RowLinks row={tenant.name} to={['sessions', 'users', 'audit']} query={`tenant=${tenant.id}`} />
            <RowButton row={tenant.name} onClick={() => change(tenant)}>
              {console.change}
            </RowButton>
            <RowButton row={tenant.name} onClick={() => editBrand(tenant)}>
              {brands.edit}
            </RowButton>
            <RowButton row={tenant.name} isDanger onClick={() => end(tenant)}>
              {console.endSessions}
            </RowButton>
            {tenant.id !== user?.tenant_id && (
              <RowButton row={tenant.name} isDanger={tenant.disabled_at === null} onClick={() => setDisabled(tenant)}>
                {tenant.disabled_at === null ? users.disable : users.enable}
              </RowButton>
            )}
            {tenant.disabled_at !== null && (
              <RowButton row={tenant.name} isDanger onClick={() => remove(tenant)}>
                {users.deleteIt}
              </RowButton>
            )}
          </ConsoleRow>
        )}
      </PagedList>
    </SectionCard>
  );
}
