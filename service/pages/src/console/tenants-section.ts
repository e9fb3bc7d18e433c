import type { AdminTenant } from '@latchkey/contract';
import { element } from '../element.ts';
import type { FieldOptions } from '../field.ts';
import type { FormOptions } from '../form.ts';
import { createButton, createRowButton } from './button.ts';
import { choicesField } from './choice-fields.ts';
import type { UpdateTenantRequest } from './console-api.ts';
import { confirmAction, openForm } from './dialog.ts';
import { limitLabels, sessionsEndedMessage } from './labels.ts';
import { createPagedList } from './paged-list.ts';
import { createResultMessage } from './result-message.ts';
import { createConsoleRow } from './row.ts';
import { createCard, type Section, type SectionDeps } from './section.ts';

const limitHint = 'In minutes. Empty: the default.';
const lead = 'A shorter limit applies to live sessions at once, a longer limit to new sessions only.';

function limit(name: string, label: string, initial: number | null | undefined): FieldOptions {
  return {
    ...{ name, label, type: 'number', autocomplete: 'off', hint: limitHint },
    initial: String(initial ?? ''),
  } as FieldOptions;
}

function fieldsOf(tenant: AdminTenant | undefined): FormOptions['fields'] {
  return [
    {
      ...{ name: 'name', label: 'Name', type: 'text', autocomplete: 'off', missing: 'Enter a name.' },
      initial: tenant?.name ?? '',
    } as FieldOptions,
    choicesField(
      { name: 'registration', label: 'Registration' },
      [['open', 'Any visitor may make an account']],
      tenant?.registration_open === true ? ['open'] : [],
    ),
    limit('max_active_minutes', 'Maximum session lifetime', tenant?.max_active_minutes),
    limit('max_idle_minutes', 'Maximum idle time', tenant?.max_idle_minutes),
  ];
}

const minutes = (text = ''): number | null => (text === '' ? null : Number(text));

/** Limits only where they changed, because setting one reads every live session of the tenant. */
function toChange(values: Readonly<Record<string, string>>, tenant: AdminTenant): UpdateTenantRequest {
  const { name, registration_open, ...limits } = toTenant(values);
  const changed = Object.entries(limits).filter(([limit, value]) => tenant[limit as keyof typeof limits] !== value);
  return { name, registration_open, ...Object.fromEntries(changed) };
}

function toTenant(values: Readonly<Record<string, string>>): Required<UpdateTenantRequest> {
  return {
    name: values.name ?? '',
    registration_open: values.registration === 'open',
    max_active_minutes: minutes(values.max_active_minutes),
    max_idle_minutes: minutes(values.max_idle_minutes),
  };
}

function linksOf({ id, name }: AdminTenant): HTMLElement[] {
  return ['Sessions', 'Users', 'Audit'].map((words) =>
    element('a', { href: `#${words.toLowerCase()}?tenant=${id}`, 'aria-label': `${words}: ${name}` }, words),
  );
}

const fieldOfPath = Object.fromEntries(
  ['id', 'name', 'max_active_minutes', 'max_idle_minutes'].map((name) => [name, name]),
);

/** Tenants, their limits, who may register; and the end of all sessions of one. */
export function createTenantsSection({ api, user }: SectionDeps): Section {
  const outcome = createResultMessage();
  const change = (tenant: AdminTenant): void =>
    openForm({
      title: `Change ${tenant.name}`,
      lead,
      prefix: 'tenant',
      fields: fieldsOf(tenant),
      fieldOfPath,
      submit: 'Save',
      submitting: 'Saving…',
      async send(values) {
        await api.changeTenant(tenant.id, toChange(values, tenant));
      },
      async onSent({ name }) {
        await outcome.run(async () => `${name} is changed.`);
        await list.reload();
      },
    });
  const add = (): void =>
    openForm({
      title: 'Add a tenant',
      prefix: 'tenant',
      fields: [
        {
          name: 'id',
          label: 'Id',
          type: 'text',
          autocomplete: 'off',
          missing: 'Enter an id.',
          hint: 'It cannot be changed later.',
        },
        ...fieldsOf(undefined),
      ],
      fieldOfPath,
      submit: 'Add',
      submitting: 'Adding…',
      async send(values) {
        await api.createTenant({ id: values.id ?? '', ...toTenant(values) });
      },
      async onSent({ name }) {
        await outcome.run(async () => `${name} is added.`);
        await list.loadFirst();
      },
    });
  const end = async (tenant: AdminTenant): Promise<void> => {
    const isOwn = tenant.id === user?.tenant_id;
    const message = `All users of ${tenant.name} are signed out at once, on every device.${
      isOwn ? ' You are one of them.' : ''
    }`;
    if (
      !(await confirmAction({ title: 'End all sessions of this tenant?', message, confirmLabel: 'Sign all users out' }))
    )
      return;
    await outcome.run(() => api.endTenantSessions(tenant.id).then(({ ended }) => sessionsEndedMessage(ended)));
  };
  const list = createPagedList<AdminTenant>({
    load: (_, cursor) => api.tenants(cursor),
    keyOf: ({ id }) => id,
    createRow: () =>
      createConsoleRow<AdminTenant>({
        name: ({ name }) => name,
        badges: ({ registration_open }) => [{ text: registration_open ? 'Registration open' : 'Registration closed' }],
        facts: (tenant) => [`id ${tenant.id}`, ...limitLabels(tenant)],
        actionsKey: (tenant) => JSON.stringify(tenant),
        actions: (tenant) => [
          ...linksOf(tenant),
          createRowButton('Change', tenant.name, () => change(tenant)),
          createRowButton('End sessions', tenant.name, () => end(tenant), { class: 'danger' }),
        ],
      }),
    empty: 'There is no tenant.',
  });
  const node = createCard('Tenants', createButton('Add a tenant', add), outcome.node, list.node);
  return Object.freeze({ node, load: list.reload });
}
