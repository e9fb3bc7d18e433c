import type { AdminAuditRow } from '@latchkey/contract';
import { type ElementChild, element } from '../element.ts';
import type { ListRow } from '../keyed-list.ts';
import { formatTimestamp } from '../messages.ts';
import { actionLabel, detailLabel } from './labels.ts';
import { linkToAudit, type NameCache } from './name-cache.ts';
import { createFact } from './row.ts';

/** What was done, to or by whom, and when. It is written once, so it is never updated. */
export function createAuditRow(row: AdminAuditRow, names: NameCache): ListRow<AdminAuditRow> {
  const who = row.user_id === null ? undefined : element('bdi', {}, linkToAudit(names, row.user_id));
  const node = element(
    'li',
    { class: 'session console-row', 'data-testid': 'row' },
    element(
      'div',
      {},
      element('p', { class: 'browser' }, actionLabel(row.action), who === undefined ? undefined : ' · ', who),
      element('ul', { class: 'facts' }, ...factsOf(row, names).map(createFact)),
    ),
  );
  return Object.freeze({ node, update: () => {} });
}

function factsOf(
  { at, tenant_id, session_id, address_prefix, detail }: AdminAuditRow,
  names: NameCache,
): ElementChild[] {
  const values = { tenant: tenant_id, from: address_prefix, ...detail, session: session_id };
  const facts = Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
  return [
    element('time', { datetime: at }, formatTimestamp(at)),
    ...facts.map(([name, value]) =>
      name === 'operator' ? operatorFact(names, String(value)) : detailLabel(name, value),
    ),
  ];
}

function operatorFact(names: NameCache, id: string): HTMLElement {
  return element('span', {}, 'operator ', linkToAudit(names, id));
}
