import type { AdminInvitation } from '@latchkey/contract';
import type { Pairs } from '../components/facts.tsx';
import type { FieldOptions, Values } from '../components/form.tsx';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { formatDateTime } from '../words/formats.ts';
import { fill, words } from '../words/words.ts';
import { ConsoleRow, RowButton, RowDetails, RowLinks } from './console-row.tsx';
import { confirmAction, openForm } from './dialogs.tsx';
import { jsonField, parseJsonField } from './json-field.ts';
import { useListModel } from './list-model.ts';
import { PagedList } from './paged-list.tsx';
import { SearchForm, searchField } from './search-form.tsx';
import { showSecret } from './secret-dialog.tsx';
import { focusTitle, SectionCard, type SectionProps, useLoader } from './section-card.tsx';

const defaultTenant = 'default';

function fields(): readonly FieldOptions[] {
  const { account, console, field, invitations, users } = words();
  const tenant = { name: 'tenant', label: account.tenant, type: 'text', initial: defaultTenant } as const;
  return [
    { name: 'email', label: field.email, type: 'email', missing: field.emailMissing },
    { name: 'name', label: console.name, type: 'text', hint: invitations.nameHint },
    tenant,
    jsonField({ name: 'app_metadata', label: users.appMetadata, hint: users.appMetadataHint }),
    {
      name: 'options',
      label: invitations.options,
      type: 'choices',
      options: [
        ['send', invitations.send],
        ['operator', invitations.operator],
      ],
      ticked: ['send'],
    },
  ];
}

function toInvitation({ email = '', name = '', tenant = '', app_metadata = '', options = '' }: Values) {
  const chosen = options.split(' ');
  return {
    ...{ tenant_id: tenant === '' ? defaultTenant : tenant, email, ...(name === '' ? {} : { name }) },
    ...{ operator: chosen.includes('operator'), send: chosen.includes('send') },
    app_metadata: parseJsonField('app_metadata', app_metadata),
  };
}

function badgesOf({ state, operator, mailed }: AdminInvitation) {
  const { invitations, users } = words();
  return [
    { text: invitations.states[state], ...(state === 'open' ? { tone: 'online' as const } : {}) },
    ...(operator ? [{ text: users.operator }] : []),
    ...(mailed ? [] : [{ text: invitations.byLink }]),
  ];
}

function factsOf({ tenant_id, name, state, created_at, expires_at }: AdminInvitation): string[] {
  const { console, invitations } = words();
  return [
    ...(name === null ? [] : [name]),
    fill(console.ofTenant, { tenant: tenant_id }),
    fill(invitations.invitedAt, { date: formatDateTime(created_at) }),
    ...(state === 'open' ? [fill(invitations.until, { date: formatDateTime(expires_at) })] : []),
  ];
}

function detailsOf({ invited_by, app_metadata }: AdminInvitation): Pairs {
  const { invitations, users } = words();
  return [
    [invitations.invitedBy, invited_by ?? invitations.byBackend],
    ...(Object.keys(app_metadata).length === 0 ? [] : [[users.appMetadata, JSON.stringify(app_metadata)] as const]),
  ];
}

/** Lists invitations. Operators create them here, with a mail or a link, and revoke them. */
export function InvitationsSection({ api, query, loader }: SectionProps) {
  const { account, console, invitations } = words();
  const tenant = query.get('tenant') ?? '';
  const result = useResult();
  const list = useListModel<AdminInvitation>(api.invitations, { tenant });
  useLoader(loader, list.reload);
  const invite = (): void =>
    openForm({
      title: invitations.invite,
      lead: invitations.lead,
      prefix: 'invitation',
      fields: fields(),
      fieldOfPath: {
        ...{ email: 'email', name: 'name', tenant_id: 'tenant', app_metadata: 'app_metadata', send: 'options' },
      },
      fieldOfCode: { identifier_taken: 'email', tenant_unknown: 'tenant', mail_unavailable: 'options' },
      submit: invitations.invite,
      submitting: invitations.inviting,
      send: async (values) => api.createInvitation(toInvitation(values)),
      async onSent({ email = '' }, { link }) {
        if (link !== undefined) showLink(email, link);
        await result.run(async () => fill(link === undefined ? invitations.sent : invitations.made, { email }));
        await list.loadFirst();
      },
    });
  const revoke = async ({ id, email }: AdminInvitation): Promise<void> => {
    const of = { email: email ?? id };
    const message = fill(invitations.revokeMeaning, of);
    if (!(await confirmAction({ title: invitations.revokeTitle, message, confirmLabel: invitations.revoke }))) return;
    if (!(await result.run(() => api.revokeInvitation(id).then(() => fill(invitations.revoked, of))))) return;
    await list.reload();
    focusTitle();
  };
  const rowOf = (invitation: AdminInvitation) => {
    const { id, email, accepted_by, state } = invitation;
    const row = email ?? accepted_by ?? id;
    return (
      <ConsoleRow
        key={id}
        name={row}
        badges={badgesOf(invitation)}
        facts={factsOf(invitation)}
        details={<RowDetails row={row} pairs={detailsOf(invitation)} />}
      >
        {accepted_by !== null && <RowLinks row={row} to={['sessions', 'audit']} query={`user=${accepted_by}`} />}
        {(state === 'open' || state === 'expired') && (
          <RowButton row={row} isDanger onClick={() => revoke(invitation)}>
            {invitations.revoke}
          </RowButton>
        )}
      </ConsoleRow>
    );
  };
  return (
    <SectionCard title={console.invitations}>
      <button type="button" onClick={invite}>
        {invitations.invite}
      </button>
      <SearchForm prefix="invitations" fields={[searchField('tenant', account.tenant, tenant)]} send={list.search} />
      <ResultMessage result={result} />
      <PagedList list={list} empty={invitations.empty}>
        {rowOf}
      </PagedList>
    </SectionCard>
  );
}

function showLink(email: string, link: string): void {
  const { invitations, field } = words();
  showSecret({
    title: invitations.linkTitle,
    lead: fill(invitations.linkLead, { email }),
    facts: [[field.email, email]],
    label: invitations.link,
    secret: link,
    copy: invitations.copyLink,
  });
}
