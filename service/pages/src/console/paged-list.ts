import { element, setText } from '../element.ts';
import { createKeyedList, type ListRow } from '../keyed-list.ts';
import { sentenceOfError } from '../words.ts';
import { createButton } from './button.ts';
import type { Listed } from './console-api.ts';

export interface PagedListNeeds<Item> {
  readonly load: (cursor: string | undefined) => Promise<Listed<Item>>;
  readonly keyOf: (item: Item) => string;
  readonly createRow: (item: Item) => ListRow<Item>;
  /** What to say when there is nothing. */
  readonly empty: string;
}

/** One page of a long list, and buttons to the others. Loading never rejects: an error stands on the list, in words. */
export interface PagedList {
  readonly node: HTMLElement;
  first(): Promise<void>;
  /** The page that is shown, read anew. */
  again(): Promise<void>;
}

export function createPagedList<Item>({ load, keyOf, createRow, empty }: PagedListNeeds<Item>): PagedList {
  const list = createKeyedList(keyOf, createRow, { 'data-testid': 'rows' });
  const nothing = element('p', { class: 'hint', hidden: true }, empty);
  const alert = element('p', { class: 'form-error', role: 'alert' });
  /** Cursors of this page and of those before it; the first page has none. */
  let trail: (string | undefined)[] = [undefined];
  let next: string | undefined;
  let asked = 0;

  const show = async (wanted: (string | undefined)[]): Promise<void> => {
    asked += 1;
    const mine = asked;
    const answer = await load(wanted.at(-1)).catch((error: unknown) => ({ error }));
    // A later question was answered already, or is about to be.
    if (mine !== asked) return;
    if ('error' in answer) return setText(alert, sentenceOfError(answer.error));
    if (answer.rows.length === 0 && wanted.length > 1) return show([undefined]);
    setText(alert, '');
    trail = wanted;
    next = answer.next;
    list.show(answer.rows, answer.at);
    nothing.hidden = answer.rows.length > 0;
    pager.hidden = trail.length === 1 && next === undefined;
    back.disabled = trail.length === 1;
    on.disabled = next === undefined;
  };
  const back = createButton('Back', () => show(trail.slice(0, -1)));
  const on = createButton('Next page', () => show([...trail, next]), { 'data-testid': 'next-page' });
  const pager = element('p', { class: 'actions', hidden: true }, back, on);
  return Object.freeze({
    node: element('div', { class: 'paged' }, alert, nothing, list.node, pager),
    first: () => show([undefined]),
    again: () => show(trail),
  });
}
