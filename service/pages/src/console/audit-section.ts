import type { AdminAuditRow } from '@latchkey/contract';
import { createForm } from '../form.ts';
import { momentOf } from '../words.ts';
import { selectField } from './choice-fields.ts';
import type { Filter } from './console-api.ts';
import { actions, wordsOfAction } from './console-words.ts';
import { createPagedList } from './paged-list.ts';
import { createConsoleRow } from './row.ts';
import { createCard, type Section, type SectionNeeds } from './section.ts';

function factsOf({ at, tenant_id, user_id, session_id, address_prefix, detail }: AdminAuditRow): string[] {
  const told = { tenant: tenant_id, user: user_id, session: session_id, from: address_prefix, ...detail };
  const facts = Object.entries(told).filter(([, value]) => value !== null);
  return [momentOf(at), ...facts.map(([name, value]) => `${name} ${value}`)];
}

/** What was done, and by whom, newest first. */
export function createAuditSection({ api, asked }: SectionNeeds): Section {
  const user = asked.get('user') ?? '';
  let filter: Filter = { user };
  const list = createPagedList<AdminAuditRow>({
    load: (cursor) => api.audit(filter, cursor),
    keyOf: ({ id }) => String(id),
    createRow: () => createConsoleRow<AdminAuditRow>({ name: ({ action }) => wordsOfAction(action), facts: factsOf }),
    empty: 'Nothing like that was written down.',
  });
  const search = createForm({
    prefix: 'audit',
    fields: [
      selectField({ name: 'action', label: 'What' }, [['', 'Everything'], ...Object.entries(actions)]),
      { name: 'tenant', label: 'Tenant', type: 'text', autocomplete: 'off' },
      { name: 'user', label: 'User id', type: 'text', autocomplete: 'off', initial: user },
    ],
    submit: 'Search',
    submitting: 'Searching…',
    send: (values) => {
      filter = values;
      return list.first();
    },
  });
  search.node.classList.add('filters');
  search.node.setAttribute('role', 'search');
  return Object.freeze({ node: createCard('Audit', search.node, list.node), load: list.again });
}
