import { type Child, element } from '../element.ts';
import type { ListRow } from '../keyed-list.ts';

export interface RowParts<Item> {
  readonly name: (item: Item) => string;
  /** Short marks behind the name. */
  readonly badges?: (item: Item) => readonly string[];
  readonly facts: (item: Item, now: number) => readonly string[];
  /** Made anew when `actionsKey` gives another word. */
  readonly actions?: (item: Item) => readonly Child[];
  readonly actionsKey?: (item: Item) => string;
}

/**
 * A row of the console: name and marks, a line of facts, buttons. Strangers' words are text, never markup, and their
 * direction is their own.
 */
export function createConsoleRow<Item>(parts: RowParts<Item>): ListRow<Item> {
  const name = element('p', { class: 'browser' });
  const facts = element('ul', { class: 'facts' });
  const actions = element('p', { class: 'row-actions' });
  const node = element('li', { class: 'session console-row', 'data-testid': 'row' }, element('div', {}, name, facts));
  if (parts.actions !== undefined) node.append(actions);
  let made: string | undefined;
  return Object.freeze({
    node,
    update(item: Item, now: number) {
      const badges = (parts.badges?.(item) ?? []).flatMap((text) => [' ', element('span', { class: 'badge' }, text)]);
      name.replaceChildren(element('bdi', {}, parts.name(item)), ...badges);
      facts.replaceChildren(...parts.facts(item, now).map((fact) => element('li', {}, element('bdi', {}, fact))));
      const key = parts.actionsKey?.(item) ?? '';
      if (key === made) return;
      made = key;
      actions.replaceChildren(...(parts.actions?.(item) ?? []).filter((child) => child !== undefined));
    },
  });
}
