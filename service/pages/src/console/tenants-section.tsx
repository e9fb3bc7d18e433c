import type { AdminTenant } from '@latchkey/contract';
import type { FieldOptions, Values } from '../components/form.tsx';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import type { UpdateTenantRequest } from './console-api.ts';
import { ConsoleRow, RowButton, RowLinks } from './console-row.tsx';
import { confirmAction, openForm } from './dialogs.tsx';
import { limitLabels, sessionsEndedMessage } from './labels.ts';
import { useListModel } from './list-model.ts';
import { PagedList } from './paged-list.tsx';
import { SectionCard, type SectionProps, useLoader } from './section-card.tsx';

function limitField(name: string, label: string, initial: number | null | undefined): FieldOptions {
  return { name, label, type: 'number', hint: 'In minutes. Empty: the default.', initial: String(initial ?? '') };
}

function fieldsOf(tenant: AdminTenant | undefined): readonly FieldOptions[] {
  return [
    { name: 'name', label: 'Name', type: 'text', missing: 'Enter a name.', initial: tenant?.name ?? '' },
    {
      name: 'registration',
      label: 'Registration',
      type: 'choices',
      options: [['open', 'Any visitor may make an account']],
      ticked: tenant?.registration_open === true ? ['open'] : [],
    },
    limitField('max_active_minutes', 'Maximum session lifetime', tenant?.max_active_minutes),
    limitField('max_idle_minutes', 'Maximum idle time', tenant?.max_idle_minutes),
  ];
}

const idField: FieldOptions = {
  name: 'id',
  label: 'Id',
  type: 'text',
  missing: 'Enter an id.',
  hint: 'It cannot be changed later.',
};

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
  const result = useResult();
  const list = useListModel<AdminTenant>((_, cursor) => api.tenants(cursor));
  useLoader(loader, list.reload);
  const change = (tenant: AdminTenant): void =>
    openForm({
      ...form,
      title: `Change ${tenant.name}`,
      lead: 'A shorter limit applies to live sessions at once, a longer limit to new sessions only.',
      fields: fieldsOf(tenant),
      submit: 'Save',
      submitting: 'Saving…',
      send: (values) => api.changeTenant(tenant.id, toChange(values, tenant)),
      async onSent({ name }) {
        await result.run(async () => `${name} is changed.`);
        await list.reload();
      },
    });
  const add = (): void =>
    openForm({
      ...form,
      title: 'Add a tenant',
      fields: [idField, ...fieldsOf(undefined)],
      submit: 'Add',
      submitting: 'Adding…',
      send: (values) => api.createTenant({ id: values.id ?? '', ...toTenant(values) }),
      async onSent({ name }) {
        await result.run(async () => `${name} is added.`);
        await list.loadFirst();
      },
    });
  const end = async ({ id, name }: AdminTenant): Promise<void> => {
    const own = id === user?.tenant_id ? ' You are one of them.' : '';
    const message = `All users of ${name} are signed out at once, on every device.${own}`;
    const title = 'End all sessions of this tenant?';
    if (!(await confirmAction({ title, message, confirmLabel: 'Sign all users out' }))) return;
    await result.run(() => api.endTenantSessions(id).then(({ ended }) => sessionsEndedMessage(ended)));
  };
  return (
    <SectionCard title="Tenants">
      <button type="button" onClick={add}>
        Add a tenant
      </button>
      <ResultMessage result={result} />
      <PagedList list={list} empty="There is no tenant.">
        {(tenant) => (
          <ConsoleRow
            key={tenant.id}
            name={tenant.name}
            badges={[{ text: tenant.registration_open ? 'Registration open' : 'Registration closed' }]}
            facts={[`id ${tenant.id}`, ...limitLabels(tenant)]}
          >
            <RowLinks row={tenant.name} to={['Sessions', 'Users', 'Audit']} query={`tenant=${tenant.id}`} />
            <RowButton row={tenant.name} onClick={() => change(tenant)}>
              Change
            </RowButton>
            <RowButton row={tenant.name} isDanger onClick={() => end(tenant)}>
              End sessions
            </RowButton>
          </ConsoleRow>
        )}
      </PagedList>
    </SectionCard>
  );
}
