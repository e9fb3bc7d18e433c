import type { AdminTenant } from '@latchkey/contract';
import type { FieldOptions, Values } from '../components/form.tsx';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { fill, words } from '../words/words.ts';
import { openBrandForm } from './brand-form.ts';
import type { UpdateTenantRequest } from './console-api.ts';
import { ConsoleRow, RowButton, RowLinks } from './console-row.tsx';
import { confirmAction, openForm } from './dialogs.tsx';
import { limitLabels, sessionsEndedMessage } from './labels.ts';
import { useListModel } from './list-model.ts';
import { PagedList } from './paged-list.tsx';
import { SectionCard, type SectionProps, useLoader } from './section-card.tsx';

function limitField(name: string, label: string, initial: number | null | undefined): FieldOptions {
  return { name, label, type: 'number', hint: words().tenants.limitHint, initial: String(initial ?? '') };
}

function fieldsOf(tenant: AdminTenant | undefined): readonly FieldOptions[] {
  const { console, tenants } = words();
  return [
    { name: 'name', label: console.name, type: 'text', missing: console.nameMissing, initial: tenant?.name ?? '' },
    {
      name: 'registration',
      label: tenants.registration,
      type: 'choices',
      options: [['open', tenants.registrationByAll]],
      ticked: tenant?.registration_open === true ? ['open'] : [],
    },
    limitField('max_active_minutes', tenants.maxLifetime, tenant?.max_active_minutes),
    limitField('max_idle_minutes', tenants.maxIdle, tenant?.max_idle_minutes),
  ];
}

function idField(): FieldOptions {
  const { id, idHint, idMissing } = words().tenants;
  return { name: 'id', label: id, type: 'text', missing: idMissing, hint: idHint };
}

const minutes = (text = ''): number | null => (text === '' ? null : Number(text));

/** Limits only where they changed, because setting one reads every live session of the tenant. */
function toChange(values: Values, tenant: AdminTenant): UpdateTenantRequest {
  const { name, registration_open, ...limits } = toTenant(values);
  const changed = Object.entries(limits).filter(([limit, value]) => tenant[limit as keyof typeof limits] !== value);
  return { name, registration_open, ...Object.fromEntries(changed) };
}

function toTenant(values: Values): Required<UpdateTenantRequest> {
  return {
    name: values.name ?? '',
    registration_open: values.registration === 'open',
    max_active_minutes: minutes(values.max_active_minutes),
    max_idle_minutes: minutes(values.max_idle_minutes),
  };
}

const form = {
  prefix: 'tenant',
  fieldOfPath: Object.fromEntries(['id', 'name', 'max_active_minutes', 'max_idle_minutes'].map((name) => [name, name])),
};

/** Tenants, their limits, who may register; and the end of all sessions of one. */
export function TenantsSection({ api, user, loader }: SectionProps) {
  const { brands, console, tenants } = words();
  const result = useResult();
  const list = useListModel<AdminTenant>((_, cursor) => api.tenants(cursor));
  useLoader(loader, list.reload);
  const change = (tenant: AdminTenant): void =>
    openForm({
      ...form,
      title: fill(tenants.changeTitle, { tenant: tenant.name }),
      lead: tenants.changeLead,
      fields: fieldsOf(tenant),
      submit: console.save,
      submitting: console.saving,
      send: (values) => api.changeTenant(tenant.id, toChange(values, tenant)),
      async onSent({ name }) {
        await result.run(async () => fill(tenants.changed, { tenant: name ?? '' }));
        await list.reload();
      },
    });
  const add = (): void =>
    openForm({
      ...form,
      title: tenants.add,
      fields: [idField(), ...fieldsOf(undefined)],
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
      await result.run(async () => fill(brands.changed, { tenant: tenant.name }));
      await list.reload();
    });
  const end = async ({ id, name }: AdminTenant): Promise<void> => {
    const own = id === user?.tenant_id ? tenants.endOwn : '';
    const message = `${fill(tenants.endMeaning, { tenant: name })} ${own}`.trim();
    const question = { title: tenants.endTitle, message, confirmLabel: tenants.endAll };
    if (!(await confirmAction(question))) return;
    await result.run(() => api.endTenantSessions(id).then(({ ended }) => sessionsEndedMessage(ended)));
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
            badges={[{ text: tenant.registration_open ? tenants.registrationOpen : tenants.registrationClosed }]}
            facts={[fill(tenants.ofId, { id: tenant.id }), ...limitLabels(tenant)]}
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
          </ConsoleRow>
        )}
      </PagedList>
    </SectionCard>
  );
}
