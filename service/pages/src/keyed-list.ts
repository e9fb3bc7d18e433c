import { element } from './element.ts';

/** One row; it stays in place while its text changes, so that focus stays, too. */
export interface ListRow<Item> {
  readonly node: HTMLElement;
  /** `now` is the service's time when it answered, `NaN` when unknown. */
  update(item: Item, now: number): void;
}

interface KeyedList<Item> {
  readonly node: HTMLElement;
  show(items: readonly Item[], now: number): void;
}

/** A list whose rows are made once for each key and then only updated. */
export function createKeyedList<Item>(
  keyOf: (item: Item) => string,
  createRow: (item: Item) => ListRow<Item>,
  attributes: Readonly<Record<string, string>> = {},
): KeyedList<Item> {
  let rows = new Map<string, ListRow<Item>>();
  const node = element('ul', { class: 'sessions', ...attributes });
  return Object.freeze({
    node,
    show(items: readonly Item[], now: number) {
      rows = new Map(items.map((item) => [keyOf(item), rows.get(keyOf(item)) ?? createRow(item)]));
      for (const item of items) rows.get(keyOf(item))?.update(item, now);
      const nodes = [...rows.values()].map((row) => row.node);
      const { activeElement } = document;
      arrange(node, nodes);
      const isLost = activeElement !== document.activeElement && node.contains(activeElement);
      if (isLost && activeElement instanceof HTMLElement) activeElement.focus();
    },
  });
}

/** Rows that stay where they are among the others are not touched: moving one takes focus and selected text out of it. */
function arrange(list: HTMLElement, nodes: readonly HTMLElement[]): void {
  const wanted = new Set<Element>(nodes);
  for (const child of [...list.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((row, index) => {
    const there = list.children[index] ?? null;
    if (there !== row) list.insertBefore(row, there);
  });
}
