import { type ElementChild, element } from '../element.ts';
import type { ListRow } from '../keyed-list.ts';

/** A badge after a name. Its style shows its meaning as well. */
export interface Badge {
  readonly text: string;
  readonly tone?: 'online' | 'offline' | 'bad';
}

export interface RowOptions<Item> {
  readonly name: (item: Item) => string;
  /** Accessible name that distinguishes it from others of the same name. Default: its name. */
  readonly accessibleName?: (item: Item) => string;
  readonly badges?: (item: Item) => readonly Badge[];
  readonly facts: (item: Item, now: number) => readonly string[];
  /** What is seldom asked for, as pairs of a term and its value; shown on demand. */
  readonly details?: (item: Item) => Pairs;
  /** Made anew when `actionsKey` gives another word. */
  readonly actions?: (item: Item) => readonly ElementChild[];
  readonly actionsKey?: (item: Item) => string;
}

/**
 * A row of the console: name and badges, a line of facts, buttons. Text of users is never parsed as markup, and its
 * direction is isolated.
 */
export function createConsoleRow<Item>(options: RowOptions<Item>): ListRow<Item> {
  const name = element('p', { class: 'browser' });
  const facts = element('ul', { class: 'facts' });
  const details = options.details === undefined ? undefined : createDetails(options.details);
  const actions = element('p', { class: 'row-actions' });
  const node = element(
    'li',
    { class: 'session console-row', 'data-testid': 'row' },
    element('div', {}, name, facts, details?.node),
  );
  if (options.actions !== undefined) node.append(actions);
  const showName = createSlot(name, ([text, badges]: [string, readonly Badge[]]) => [
    element('bdi', {}, text),
    ...badges.flatMap((badge) => [' ', createBadge(badge)]),
  ]);
  const showFacts = createSlot(facts, (texts: readonly string[]) => texts.map(createFact));
  let made: string | undefined;
  return Object.freeze({
    node,
    update(item: Item, now: number) {
      showName([options.name(item), options.badges?.(item) ?? []]);
      showFacts(options.facts(item, now));
      details?.update(item, (options.accessibleName ?? options.name)(item));
      const key = options.actionsKey?.(item) ?? '';
      if (key === made) return;
      made = key;
      replaceActions(actions, options.actions?.(item) ?? []);
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

export function createFact(fact: ElementChild): HTMLElement {
  return element('li', {}, element('bdi', {}, fact));
}

/** The focus moves from a replaced element to its successor. */
function replaceActions(actions: HTMLElement, children: readonly ElementChild[]): void {
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
