import { type Child, element } from '../element.ts';
import type { ListRow } from '../keyed-list.ts';

/** A short mark behind a name; what it says of somebody, its look says as well. */
export interface Badge {
  readonly text: string;
  readonly tone?: 'online' | 'offline' | 'bad';
}

export interface RowParts<Item> {
  readonly name: (item: Item) => string;
  /** What tells it from others of the same name, for whoever hears it; its name, unless given. */
  readonly spoken?: (item: Item) => string;
  readonly badges?: (item: Item) => readonly Badge[];
  readonly facts: (item: Item, now: number) => readonly string[];
  /** What is seldom asked for, as pairs of a term and its value; shown on demand. */
  readonly details?: (item: Item) => Pairs;
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
  const details = parts.details === undefined ? undefined : createDetails(parts.details);
  const actions = element('p', { class: 'row-actions' });
  const node = element(
    'li',
    { class: 'session console-row', 'data-testid': 'row' },
    element('div', {}, name, facts, details?.node),
  );
  if (parts.actions !== undefined) node.append(actions);
  const showName = createSlot(name, ([text, badges]: [string, readonly Badge[]]) => [
    element('bdi', {}, text),
    ...badges.flatMap((badge) => [' ', createBadge(badge)]),
  ]);
  const showFacts = createSlot(facts, (texts: readonly string[]) => texts.map(createFact));
  let made: string | undefined;
  return Object.freeze({
    node,
    update(item: Item, now: number) {
      showName([parts.name(item), parts.badges?.(item) ?? []]);
      showFacts(parts.facts(item, now));
      details?.update(item, (parts.spoken ?? parts.name)(item));
      const key = parts.actionsKey?.(item) ?? '';
      if (key === made) return;
      made = key;
      replaceActions(actions, parts.actions?.(item) ?? []);
    },
  });
}

/** Draws a value in its place, anew only when it differs: lists are read each second, and selected text stays selected. */
function createSlot<Value>(place: HTMLElement, draw: (value: Value) => readonly (Node | string)[]) {
  let drawn: string | undefined;
  return (value: Value): void => {
    const next = JSON.stringify(value);
    if (next === drawn) return;
    drawn = next;
    place.replaceChildren(...draw(value));
  };
}

function createBadge({ text, tone }: Badge): HTMLElement {
  return element('span', { class: tone === undefined ? 'badge' : `badge ${tone}` }, text);
}

export function createFact(fact: Child): HTMLElement {
  return element('li', {}, element('bdi', {}, fact));
}

/** Whoever has the focus on one of them has it on its successor. */
function replaceActions(actions: HTMLElement, children: readonly Child[]): void {
  const at = [...actions.children].indexOf(document.activeElement as Element);
  actions.replaceChildren(...children.filter((child) => child !== undefined));
  const successor = actions.children[Math.min(at, actions.children.length - 1)];
  if (at >= 0 && successor instanceof HTMLElement) successor.focus();
}

type Pairs = readonly (readonly [term: string, value: string])[];

/** Filled as long as they are open. */
function createDetails<Item>(pairsOf: (item: Item) => Pairs) {
  const list = element('dl');
  const show = createSlot(list, (pairs: Pairs) =>
    pairs.flatMap(([term, value]) => [element('dt', {}, term), element('dd', {}, element('bdi', {}, value))]),
  );
  let item: Item | undefined;
  const fill = (): void => show(node.open && item !== undefined ? pairsOf(item) : []);
  const summary = element('summary', {}, 'Details');
  const node = element('details', { class: 'details', ontoggle: fill }, summary, list);
  return {
    node,
    update(next: Item, name: string) {
      item = next;
      summary.setAttribute('aria-label', `Details: ${name}`);
      fill();
    },
  };
}
