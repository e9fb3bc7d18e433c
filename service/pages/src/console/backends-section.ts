import { type AdminBackend, type AdminBackendSecret, type BackendScope, backendScopes } from '@latchkey/contract';
import { element } from '../element.ts';
import { formatDateTime } from '../messages.ts';
import { createButton, createRowButton } from './button.ts';
import { choicesField } from './choice-fields.ts';
import { confirmAction, openDialog, openForm } from './dialog.ts';
import { createPagedList } from './paged-list.ts';
import { createResultMessage } from './result-message.ts';
import { createConsoleRow } from './row.ts';
import { createCard, focusTitle, type Section, type SectionDeps } from './section.ts';

const scopeLabels: Readonly<Record<BackendScope, string>> = {
  relay: 'relay: sign users in on its own sockets',
  feed: 'feed: receive revocations',
  limits: 'limits: read and set limits of tenants',
  introspect: 'introspect: ask about tokens',
  admin: 'admin: whatever operators may, over HTTP',
};
const defaultScopes: readonly BackendScope[] = ['relay', 'feed', 'limits', 'introspect'];

function splitWords(text = ''): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

/** Shows a secret once. The page contains it only while the dialog is open. */
function showSecret({ backend, secret }: AdminBackendSecret): void {
  const said = element('p', { class: 'news', role: 'status' });
  const copy = (): Promise<void> =>
    navigator.clipboard.writeText(secret).then(
      () => said.replaceChildren('Copied.'),
      () => said.replaceChildren('It could not be copied. Select it by hand.'),
    );
  const dialog = openDialog(
    'Secret, shown once',
    element('p', {}, `Save it now in the settings of ${backend.name}. It cannot be shown again.`),
    element(
      'dl',
      {},
      element('dt', {}, 'Id'),
      element('dd', {}, element('code', {}, backend.id)),
      element('dt', {}, 'Secret'),
      element('dd', {}, element('code', { 'data-testid': 'secret' }, secret)),
    ),
    element(
      'p',
      { class: 'actions' },
      createButton('Copy the secret', copy),
      createButton('I have saved it', () => dialog.close(), { class: 'primary', 'data-testid': 'kept' }),
    ),
    said,
  );
  // A secret that is lost has to be replaced once more, and that ends the one in use.
  dialog.setAttribute('closedby', 'none');
  dialog.addEventListener('cancel', (event) => event.preventDefault());
}

/** The credentials of backends: made, replaced, removed. */
export function createBackendsSection({ api }: SectionDeps): Section {
  const outcome = createResultMessage();
  const add = (): void =>
    openForm({
      title: 'Add a backend',
      prefix: 'backend',
      fields: [
        { name: 'name', label: 'Name', type: 'text', autocomplete: 'off', missing: 'Enter a name.' },
        { name: 'tenant', label: 'Tenant', type: 'text', autocomplete: 'off', hint: 'Empty: all tenants.' },
        choicesField(
          { name: 'scopes', label: 'It may' },
          backendScopes.map((scope) => [scope, scopeLabels[scope]]),
          defaultScopes,
        ),
        {
          name: 'origins',
          label: 'Origins of its sockets',
          type: 'text',
          autocomplete: 'off',
          hint: 'Such as https://app.example.com, with spaces between. Empty: any.',
        },
      ],
      fieldOfPath: { name: 'name', tenant_id: 'tenant', scopes: 'scopes', origins: 'origins' },
      submit: 'Add',
      submitting: 'Adding…',
      async send({ name = '', tenant = '', scopes = '', origins = '' }) {
        return api.createBackend({
          name,
          tenant_id: tenant === '' ? null : tenant,
          scopes: splitWords(scopes) as BackendScope[],
          origins: splitWords(origins),
        });
      },
      async onSent(_, made) {
        showSecret(made);
        await list.loadFirst();
      },
    });
  const rotate = async ({ id, name }: AdminBackend): Promise<void> => {
    const message = `${name} gets a new secret. Its current secret stays valid until the secret is replaced once more.`;
    if (!(await confirmAction({ title: 'Replace the secret?', message, confirmLabel: 'Replace it' }))) return;
    await outcome.run(async () => {
      showSecret(await api.rotateBackend(id));
      return `The secret of ${name} is replaced.`;
    });
  };
  const remove = async ({ id, name }: AdminBackend): Promise<void> => {
    const message = `${name} is disconnected within seconds, and its secrets are no longer valid.`;
    if (!(await confirmAction({ title: 'Remove this backend?', message, confirmLabel: 'Remove it' }))) return;
    if (!(await outcome.run(() => api.removeBackend(id).then(() => `${name} is removed.`)))) return;
    await list.reload();
    focusTitle(node);
  };
  const list = createPagedList<AdminBackend>({
    load: (_, cursor) => api.backends(cursor),
    keyOf: ({ id }) => id,
    createRow: () =>
      createConsoleRow<AdminBackend>({
        name: ({ name }) => name,
        badges: ({ disabled_at }) => (disabled_at === null ? [] : [{ text: 'Removed', tone: 'bad' }]),
        facts: ({ id, tenant_id, scopes, origins, created_at }) => [
          `id ${id}`,
          tenant_id === null ? 'every tenant' : `tenant ${tenant_id}`,
          scopes.join(', '),
          origins.length === 0 ? 'any origin' : origins.join(' '),
          `since ${formatDateTime(created_at)}`,
        ],
        actionsKey: ({ disabled_at }) => String(disabled_at === null),
        actions: (backend) =>
          backend.disabled_at !== null
            ? []
            : [
                createRowButton('Replace the secret', backend.name, () => rotate(backend)),
                createRowButton('Remove', backend.name, () => remove(backend), { class: 'danger' }),
              ],
      }),
    empty: 'There is no backend yet.',
  });
  const node = createCard('Backends', createButton('Add a backend', add), outcome.node, list.node);
  return Object.freeze({ node, load: list.reload });
}
