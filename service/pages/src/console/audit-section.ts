import type { AdminAuditRow } from '@latchkey/contract';
import { createAuditRow } from './audit-row.ts';
import { selectField } from './choice-fields.ts';
import { actionLabels } from './labels.ts';
import { createNameCache } from './name-cache.ts';
import { createPagedList } from './paged-list.ts';
import { createSearchForm, searchField } from './search-form.ts';
import { createCard, type Section, type SectionDeps } from './section.ts';

/** What was done, and by whom, newest first. */
export function createAuditSection({ api, query }: SectionDeps): Section {
  const [user, tenant] = [query.get('user') ?? '', query.get('tenant') ?? ''];
  const names = createNameCache(api);
  const list = createPagedList<AdminAuditRow>({
    load: api.audit,
    filter: { user, tenant },
    keyOf: ({ id }) => String(id),
    createRow: (row) => createAuditRow(row, names),
    empty: 'No matching events.',
  });
  const search = createSearchForm({
    prefix: 'audit',
    fields: [
      selectField({ name: 'action', label: 'Action' }, [['', 'All actions'], ...Object.entries(actionLabels)]),
      searchField('tenant', 'Tenant', tenant),
      searchField('user', 'User id', user),
    ],
    send: list.search,
  });
  return Object.freeze({ node: createCard('Audit', search, list.node), load: list.reload });
}
