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
  /** The page that is shown, or was asked for last, read anew. */
  again(): Promise<void>;
}

/** Cursors of a page and of those before it; the first page has none. */
type Trail = readonly (string | undefined)[];

export function createPagedList<Item>({ load, keyOf, createRow, empty }: PagedListNeeds<Item>): PagedList {
  const list = createKeyedList(keyOf, createRow, { 'data-testid': 'rows' });
  const nothing = element('p', { class: 'hint', hidden: true }, empty);
  const alert = element('p', { class: 'form-error', role: 'alert' });
  const place = element('p', { class: 'hint', tabindex: -1, hidden: true, 'data-testid': 'page' });
  let trail: Trail = [undefined];
  let wanted = trail;
  let next: string | undefined;
  let asked = 0;
  let isTurning = false;

  const show = async (which: Trail): Promise<void> => {
    wanted = which;
    asked += 1;
    const mine = asked;
    const answer = await found(which.at(-1), mine).catch((error: unknown) => ({ error }));
    // A later question was answered already, or is about to be.
    if (mine !== asked) return;
    if ('error' in answer) {
      wanted = trail;
      isTurning = false;
      return setText(alert, sentenceOfError(answer.error));
    }
    if (answer.rows.length === 0 && which.length > 1) return show([undefined]);
    setText(alert, '');
    trail = which;
    next = answer.next;
    list.show(answer.rows, answer.at);
    showPlace(answer.rows.length);
    if (isTurning) place.focus();
    isTurning = false;
  };
  /** An empty page with another behind it says that the service looked so far, and found nothing. */
  const found = async (cursor: string | undefined, mine: number): Promise<Listed<Item>> => {
    let page = await load(cursor);
    while (page.rows.length === 0 && page.next !== undefined && mine === asked) page = await load(page.next);
    return page;
  };
  const showPlace = (rows: number): void => {
    const isOnly = trail.length === 1 && next === undefined;
    nothing.hidden = rows > 0;
    pager.hidden = isOnly;
    place.hidden = isOnly;
    setText(place, `Page ${trail.length}`);
    setAble(back, trail.length > 1);
    setAble(on, next !== undefined);
  };
  /** The new page begins at its top, for eyes and keyboard alike. */
  const turn = (which: Trail): Promise<void> => {
    isTurning = true;
    return show(which);
  };
  const back = createButton('Back', () => trail.length > 1 && turn(trail.slice(0, -1)));
  const on = createButton('Next page', () => next !== undefined && turn([...trail, next]), {
    'data-testid': 'next-page',
  });
  const pager = element('p', { class: 'actions', hidden: true }, back, on);
  return Object.freeze({
    node: element('div', { class: 'paged' }, alert, nothing, place, list.node, pager),
    first: () => show([undefined]),
    again: () => show(wanted),
  });
}

/** Not `disabled`: that would take the focus away from whoever pressed it. */
function setAble(button: HTMLButtonElement, isAble: boolean): void {
  button.setAttribute('aria-disabled', String(!isAble));
}
