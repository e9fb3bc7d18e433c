import type { AdminAuditRow } from '@latchkey/contract';
import type { ComponentChildren } from 'preact';
import { Filled } from '../words/filled.tsx';
import { formatTimestamp } from '../words/formats.ts';
import { words } from '../words/words.ts';
import { ConsoleRow } from './console-row.tsx';
import { actionLabel, detailLabel } from './labels.ts';
import { useListModel } from './list-model.ts';
import { AuditLink, type NameCache, useNameCache } from './name-cache.tsx';
import { PagedList } from './paged-list.tsx';
import { SearchForm, searchField } from './search-form.tsx';
import { SectionCard, type SectionProps, useLoader } from './section-card.tsx';

/** Filters of the audit: action, user and time. */
function AuditRow({ row, names }: { readonly row: AdminAuditRow; readonly names: NameCache }) {
  const values = { tenant: row.tenant_id, from: row.address_prefix, ...row.detail, session: row.session_id };
  const facts = Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
  const who = row.user_id !== null && (
    <>
      {' · '}
      <bdi>
        <AuditLink names={names} id={row.user_id} />
      </bdi>
    </>
  );
  return (
    <ConsoleRow
      name={[actionLabel(row.action), who]}
      facts={[
        <time key="at" datetime={row.at}>
          {formatTimestamp(row.at)}
        </time>,
        ...facts.map(([name, value]) =>
          name === 'operator'
            ? operatorFact(<AuditLink key={name} names={names} id={String(value)} />)
            : detailLabel(name, value),
        ),
      ]}
    />
  );
}

function operatorFact(link: ComponentChildren) {
  return <Filled key="operator" text={words().audit.operator} values={{ operator: link }} />;
}

/** The time of a field, which is in the time zone of the user. */
const toIso = (local: string): string => (local === '' ? '' : new Date(local).toISOString());

/** Lists the entries of the audit, newest first. */
export function AuditSection({ api, query, loader }: SectionProps) {
  const [user, tenant] = [query.get('user') ?? '', query.get('tenant') ?? ''];
  const { audit } = words();
  const names = useNameCache(api);
  const list = useListModel<AdminAuditRow>(api.audit, { user, tenant, session: query.get('session') ?? '' });
  useLoader(loader, list.reload);
  return (
    <SectionCard title={words().console.audit}>
      <SearchForm
        prefix="audit"
        fields={[
          {
            type: 'select',
            name: 'action',
            label: audit.action,
            options: [['', audit.allActions], ...Object.entries(words().actions)],
          },
          searchField('tenant', words().account.tenant, tenant),
          searchField('user', audit.userId, user),
          searchField('session', audit.sessionId, query.get('session') ?? ''),
          { type: 'time', name: 'from', label: audit.from },
          { type: 'time', name: 'to', label: audit.to },
        ]}
        send={({ from = '', to = '', ...values }) => list.search({ ...values, from: toIso(from), to: toIso(to) })}
      />
      <PagedList list={list} empty={audit.empty}>
        {(row) => <AuditRow key={row.id} row={row} names={names} />}
      </PagedList>
    </SectionCard>
  );
}
