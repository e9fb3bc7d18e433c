import { Failure } from '@latchkey/contract';
import { element, setText } from '../element.ts';
import { createKeyedList, type ListRow } from '../keyed-list.ts';
import { sentenceOfError } from '../words.ts';
import type { Filter, Listed } from './console-api.ts';
import { createPager } from './pager.ts';

interface PagedListNeeds<Item> {
  readonly load: (filter: Filter, cursor: string | undefined) => Promise<Listed<Item>>;
  /** What it is narrowed to until somebody searches. */
  readonly filter?: Filter;
  readonly keyOf: (item: Item) => string;
  readonly createRow: (item: Item) => ListRow<Item>;
  /** What to say when there is nothing. */
  readonly empty: string;
}

/** One page of a long list, and buttons to the others. An error stands on the list, in words. */
interface PagedList {
  readonly node: HTMLElement;
  /** Never rejects. */
  first(): Promise<void>;
  /** The page that is shown, or was asked for last, read anew. Never rejects. */
  again(): Promise<void>;
  /**
   * The first page of what the filter leaves.
   *
   * @throws invalid_request the service cannot read the filter; the list stays as it is
   */
  search(filter: Filter): Promise<void>;
}

interface Question {
  readonly filter: Filter;
  /** Cursors of a page and of those before it; the first page has none. */
  readonly trail: readonly (string | undefined)[];
}

const isUnreadable = (error: unknown): boolean => error instanceof Failure && error.code === 'invalid_request';

export function createPagedList<Item>(needs: PagedListNeeds<Item>): PagedList {
  const list = createKeyedList(needs.keyOf, needs.createRow, { 'data-testid': 'rows' });
  const nothing = element('p', { class: 'hint', 'data-testid': 'nothing' }, 'Loading…');
  const alert = element('p', { class: 'form-error', role: 'alert' });
  let shown: Question = { filter: needs.filter ?? {}, trail: [undefined] };
  let wanted = shown;
  let next: string | undefined;
  let asked = 0;
  let isTurning = false;
  let searching: Promise<unknown> = Promise.resolve();

  /** Resolves with what went wrong, if this was the last question. */
  const show = async (question: Question): Promise<unknown> => {
    wanted = question;
    asked += 1;
    const mine = asked;
    const answer = await found(question, mine).catch((error: unknown) => ({ error }));
    // A later question was answered already, or is about to be.
    if (mine !== asked) return undefined;
    if ('error' in answer) {
      if (isTurning || isUnreadable(answer.error)) wanted = shown;
      isTurning = false;
      return answer.error;
    }
    const { trail } = question;
    if (answer.rows.length === 0 && trail.length > 1) return show({ ...question, trail: [undefined] });
    shown = question;
    next = answer.next;
    setText(alert, '');
    list.show(answer.rows, answer.at);
    setText(nothing, answer.rows.length > 0 ? '' : needs.empty);
    pager.show({ page: trail.length, hasNext: next !== undefined, isTurned: isTurning });
    isTurning = false;
    return undefined;
  };
  /** An empty page with another behind it says that the service looked so far, and found nothing. */
  const found = async ({ filter, trail }: Question, mine: number): Promise<Listed<Item>> => {
    let page = await needs.load(filter, trail.at(-1));
    while (page.rows.length === 0 && page.next !== undefined && mine === asked)
      page = await needs.load(filter, page.next);
    return page;
  };
  const explain = (error: unknown): void => {
    if (error === undefined) return;
    setText(alert, sentenceOfError(error));
    if (nothing.textContent === 'Loading…') setText(nothing, '');
  };
  /** The new page begins at its top, for eyes and keyboard alike. */
  const turn = (trail: Question['trail']): void => {
    isTurning = true;
    void show({ ...shown, trail }).then(explain);
  };
  const pager = createPager({
    back: () => turn(shown.trail.slice(0, -1)),
    on: () => turn([...shown.trail, next]),
  });
  return Object.freeze({
    node: element('div', { class: 'paged' }, alert, nothing, pager.place, list.node, pager.buttons),
    first: () => show({ ...wanted, trail: [undefined] }).then(explain),
    async again() {
      // What is wrong with a filter is told where it stands, so its answer is not overtaken.
      await searching;
      explain(await show(wanted));
    },
    async search(filter: Filter) {
      const answer = show({ filter, trail: [undefined] });
      searching = answer;
      const error = await answer;
      if (isUnreadable(error)) throw error;
      explain(error);
    },
  });
}
