import { type AdminBackend, type AdminBackendSecret, type BackendScope, backendScopes } from '@latchkey/contract';
import type { FieldOptions, Values } from '../components/form.tsx';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { formatDateTime } from '../words/formats.ts';
import { fill, words } from '../words/words.ts';
import { ConsoleRow, RowButton } from './console-row.tsx';
import { confirmAction, openForm } from './dialogs.tsx';
import { useListModel } from './list-model.ts';
import { PagedList } from './paged-list.tsx';
import { showSecret } from './secret-dialog.tsx';
import { focusTitle, SectionCard, type SectionProps, useLoader } from './section-card.tsx';

function fields(): readonly FieldOptions[] {
  const { account, backends, console } = words();
  return [
    { name: 'name', label: console.name, type: 'text', missing: console.nameMissing },
    { name: 'tenant', label: account.tenant, type: 'text', hint: backends.tenantHint },
    {
      name: 'scopes',
      label: backends.scopes,
      type: 'choices',
      options: backendScopes.map((scope) => [scope, backends[scope]]),
      ticked: ['relay', 'feed', 'limits', 'introspect'] satisfies BackendScope[],
    },
    { name: 'origins', label: backends.origins, type: 'text', hint: backends.originsHint },
  ];
}

function splitWords(text = ''): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

function toBackend({ name = '', tenant = '', scopes, origins }: Values) {
  const tenant_id = tenant === '' ? null : tenant;
  return { name, tenant_id, scopes: splitWords(scopes) as BackendScope[], origins: splitWords(origins) };
}

function factsOf({ id, tenant_id, scopes, origins, created_at }: AdminBackend): string[] {
  const { backends, console, tenants } = words();
  return [
    fill(tenants.ofId, { id }),
    tenant_id === null ? backends.everyTenant : fill(console.ofTenant, { tenant: tenant_id }),
    scopes.join(', '),
    origins.length === 0 ? backends.anyOrigin : origins.join(' '),
    fill(console.since, { date: formatDateTime(created_at) }),
  ];
}

function showBackendSecret({ backend, secret }: AdminBackendSecret): void {
  const { backends, tenants } = words();
  showSecret({
    title: backends.secretTitle,
    lead: fill(backends.secretLead, { backend: backend.name }),
    facts: [[tenants.id, backend.id]],
    label: backends.secret,
    secret,
    copy: backends.copy,
  });
}

/** Lists backends. Operators create and remove them here, and replace their secrets. */
export function BackendsSection({ api, loader }: SectionProps) {
  const { backends, console } = words();
  const result = useResult();
  const list = useListModel<AdminBackend>((_, cursor) => api.backends(cursor));
  useLoader(loader, list.reload);
  const add = (): void =>
    openForm({
      title: backends.add,
      prefix: 'backend',
      fields: fields(),
      fieldOfPath: { name: 'name', tenant_id: 'tenant', scopes: 'scopes', origins: 'origins' },
      submit: console.add,
      submitting: console.adding,
      send: (values) => api.createBackend(toBackend(values)),
      async onSent(_, made) {
        showBackendSecret(made);
        await list.loadFirst();
      },
    });
  const rotate = async ({ id, name }: AdminBackend): Promise<void> => {
    const message = fill(backends.replaceMeaning, { backend: name });
    const question = { title: backends.replaceTitle, message, confirmLabel: backends.replaceIt };
    if (!(await confirmAction(question))) return;
    await result.run(async () => {
      showBackendSecret(await api.rotateBackend(id));
      return fill(backends.replaced, { backend: name });
    });
  };
  const remove = async ({ id, name }: AdminBackend): Promise<void> => {
    const message = fill(backends.removeMeaning, { backend: name });
    const question = { title: backends.removeTitle, message, confirmLabel: backends.removeIt };
    if (!(await confirmAction(question))) return;
    const doneMessage = () => fill(backends.removed, { backend: name });
    if (!(await result.run(() => api.removeBackend(id).then(doneMessage)))) return;
    await list.reload();
    focusTitle();
  };
  return (
    <SectionCard title={console.backends}>
      <button type="button" onClick={add}>
        {backends.add}
      </button>
      <ResultMessage result={result} />
      <PagedList list={list} empty={backends.empty}>
        {(backend) => (
          <ConsoleRow
            key={backend.id}
            name={backend.name}
            badges={backend.disabled_at === null ? [] : [{ text: backends.removedBadge, tone: 'bad' }]}
            facts={factsOf(backend)}
          >
            {backend.disabled_at === null && (
              <>
                <RowButton row={backend.name} onClick={() => rotate(backend)}>
                  {backends.replace}
                </RowButton>
                <RowButton row={backend.name} isDanger onClick={() => remove(backend)}>
                  {backends.remove}
                </RowButton>
              </>
            )}
          </ConsoleRow>
        )}
      </PagedList>
    </SectionCard>
  );
}
