import { type AdminBackend, type BackendScope, backendScopes } from '@latchkey/contract';
import type { FieldOptions, Values } from '../components/form.tsx';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { formatDateTime } from '../messages.ts';
import { ConsoleRow, RowButton } from './console-row.tsx';
import { confirmAction, openForm } from './dialogs.tsx';
import { useListModel } from './list-model.ts';
import { PagedList } from './paged-list.tsx';
import { showSecret } from './secret-dialog.tsx';
import { focusTitle, SectionCard, type SectionProps, useLoader } from './section-card.tsx';

const scopeLabels: Readonly<Record<BackendScope, string>> = {
  relay: 'relay: sign users in on its own sockets',
  feed: 'feed: receive revocations',
  limits: 'limits: read and set limits of tenants',
  introspect: 'introspect: ask about tokens',
  admin: 'admin: whatever operators may, over HTTP',
};

const fields: readonly FieldOptions[] = [
  { name: 'name', label: 'Name', type: 'text', missing: 'Enter a name.' },
  { name: 'tenant', label: 'Tenant', type: 'text', hint: 'Empty: all tenants.' },
  {
    name: 'scopes',
    label: 'It may',
    type: 'choices',
    options: backendScopes.map((scope) => [scope, scopeLabels[scope]]),
    ticked: ['relay', 'feed', 'limits', 'introspect'] satisfies BackendScope[],
  },
  {
    name: 'origins',
    label: 'Origins of its sockets',
    type: 'text',
    hint: 'Such as https://app.example.com, with spaces between. Empty: any.',
  },
];

function splitWords(text = ''): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

function toBackend({ name = '', tenant = '', scopes, origins }: Values) {
  const tenant_id = tenant === '' ? null : tenant;
  return { name, tenant_id, scopes: splitWords(scopes) as BackendScope[], origins: splitWords(origins) };
}

function factsOf({ id, tenant_id, scopes, origins, created_at }: AdminBackend): string[] {
  return [
    `id ${id}`,
    tenant_id === null ? 'every tenant' : `tenant ${tenant_id}`,
    scopes.join(', '),
    origins.length === 0 ? 'any origin' : origins.join(' '),
    `since ${formatDateTime(created_at)}`,
  ];
}

/** The credentials of backends: made, replaced, removed. */
export function BackendsSection({ api, loader }: SectionProps) {
  const result = useResult();
  const list = useListModel<AdminBackend>((_, cursor) => api.backends(cursor));
  useLoader(loader, list.reload);
  const add = (): void =>
    openForm({
      title: 'Add a backend',
      prefix: 'backend',
      fields,
      fieldOfPath: { name: 'name', tenant_id: 'tenant', scopes: 'scopes', origins: 'origins' },
      submit: 'Add',
      submitting: 'Adding…',
      send: (values) => api.createBackend(toBackend(values)),
      async onSent(_, made) {
        showSecret(made);
        await list.loadFirst();
      },
    });
  const rotate = async ({ id, name }: AdminBackend): Promise<void> => {
    const message = `${name} gets a new secret. Its current secret stays valid until the secret is replaced once more.`;
    if (!(await confirmAction({ title: 'Replace the secret?', message, confirmLabel: 'Replace it' }))) return;
    await result.run(async () => {
      showSecret(await api.rotateBackend(id));
      return `The secret of ${name} is replaced.`;
    });
  };
  const remove = async ({ id, name }: AdminBackend): Promise<void> => {
    const message = `${name} is disconnected within seconds, and its secrets are no longer valid.`;
    if (!(await confirmAction({ title: 'Remove this backend?', message, confirmLabel: 'Remove it' }))) return;
    if (!(await result.run(() => api.removeBackend(id).then(() => `${name} is removed.`)))) return;
    await list.reload();
    focusTitle();
  };
  return (
    <SectionCard title="Backends">
      <button type="button" onClick={add}>
        Add a backend
      </button>
      <ResultMessage result={result} />
      <PagedList list={list} empty="There is no backend yet.">
        {(backend) => (
          <ConsoleRow
            key={backend.id}
            name={backend.name}
            badges={backend.disabled_at === null ? [] : [{ text: 'Removed', tone: 'bad' }]}
            facts={factsOf(backend)}
          >
            {backend.disabled_at === null && (
              <>
                <RowButton row={backend.name} onClick={() => rotate(backend)}>
                  Replace the secret
                </RowButton>
                <RowButton row={backend.name} isDanger onClick={() => remove(backend)}>
                  Remove
                </RowButton>
              </>
            )}
          </ConsoleRow>
        )}
      </PagedList>
    </SectionCard>
  );
}
