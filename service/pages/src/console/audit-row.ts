import type { AdminAuditRow } from '@latchkey/contract';
import { type Child, element } from '../element.ts';
import type { ListRow } from '../keyed-list.ts';
import { secondOf } from '../words.ts';
import { wordsOfAction, wordsOfDetail } from './console-words.ts';
import { linkToAudit, type Names } from './names.ts';
import { createFact } from './row.ts';

/** What was done, to or by whom, and when. It is written once, so it is never updated. */
export function createAuditRow(row: AdminAuditRow, names: Names): ListRow<AdminAuditRow> {
  const who = row.user_id === null ? undefined : element('bdi', {}, linkToAudit(names, row.user_id));
  const node = element(
    'li',
    { class: 'session console-row', 'data-testid': 'row' },
    element(
      'div',
      {},
      element('p', { class: 'browser' }, wordsOfAction(row.action), who === undefined ? undefined : ' · ', who),
      element('ul', { class: 'facts' }, ...factsOf(row, names).map(createFact)),
    ),
  );
  return Object.freeze({ node, update: () => {} });
}

function factsOf({ at, tenant_id, session_id, address_prefix, detail }: AdminAuditRow, names: Names): Child[] {
  const told = { tenant: tenant_id, from: address_prefix, ...detail, session: session_id };
  const facts = Object.entries(told).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
  return [
    element('time', { datetime: at }, secondOf(at)),
    ...facts.map(([name, value]) =>
      name === 'operator' ? byOperator(names, String(value)) : wordsOfDetail(name, value),
    ),
  ];
}

function byOperator(names: Names, id: string): HTMLElement {
  return element('span', {}, 'operator ', linkToAudit(names, id));
}
