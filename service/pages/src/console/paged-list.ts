import { Failure } from '@latchkey/contract';
import { element, setText } from '../element.ts';
import { createKeyedList, type ListRow } from '../keyed-list.ts';
import { errorMessage } from '../messages.ts';
import type { Filter, ListPage } from './console-api.ts';
import { createPager } from './pager.ts';

interface PagedListDeps<Item> {
  readonly load: (filter: Filter, cursor: string | undefined) => Promise<ListPage<Item>>;
  /** The initial filter. */
  readonly filter?: Filter;
  readonly keyOf: (item: Item) => string;
  readonly createRow: (item: Item) => ListRow<Item>;
  /** What to say when there is nothing. */
  readonly empty: string;
}

/** One page of a long list, and buttons to the others. The list shows its errors. */
interface PagedList {
  readonly node: HTMLElement;
  /** Never rejects. */
  loadFirst(): Promise<void>;
  /** The page that is shown, or was asked for last, read anew. Never rejects. */
  reload(): Promise<void>;
  /**
   * The first page of what the filter leaves.
   *
   * @throws invalid_request the service cannot read the filter; the list stays as it is
   */
  search(filter: Filter): Promise<void>;
}

interface ListQuery {
  readonly filter: Filter;
  /** Cursors of a page and of those before it; the first page has none. */
  readonly trail: readonly (string | undefined)[];
}

const isUnreadable = (error: unknown): boolean => error instanceof Failure && error.code === 'invalid_request';

export function createPagedList<Item>(deps: PagedListDeps<Item>): PagedList {
  const list = createKeyedList(deps.keyOf, deps.createRow, { 'data-testid': 'rows' });
  const placeholder = element('p', { class: 'hint', 'data-testid': 'nothing' }, 'Loading…');
  const alert = element('p', { class: 'form-error', role: 'alert' });
  let shown: ListQuery = { filter: deps.filter ?? {}, trail: [undefined] };
  let requested = shown;
  let next: string | undefined;
  let requestCount = 0;
  let isTurning = false;
  let searching: Promise<unknown> = Promise.resolve();

  /** Resolves with what went wrong, if this was the last question. */
  const show = async (question: ListQuery): Promise<unknown> => {
    requested = question;
    requestCount += 1;
    const mine = requestCount;
    const answer = await loadPage(question, mine).catch((error: unknown) => ({ error }));
    // A later question was answered already, or is about to be.
    if (mine !== requestCount) return undefined;
    if ('error' in answer) {
      if (isTurning || isUnreadable(answer.error)) requested = shown;
      isTurning = false;
      return answer.error;
    }
    const { trail } = question;
    if (answer.rows.length === 0 && trail.length > 1) return show({ ...question, trail: [undefined] });
    shown = question;
    next = answer.next;
    setText(alert, '');
    list.show(answer.rows, answer.at);
    setText(placeholder, answer.rows.length > 0 ? '' : deps.empty);
    pager.show({ page: trail.length, hasNext: next !== undefined, isTurned: isTurning });
    isTurning = false;
    return undefined;
  };
  /** An empty page with another behind it says that the service looked so far, and found nothing. */
  const loadPage = async ({ filter, trail }: ListQuery, mine: number): Promise<ListPage<Item>> => {
    let page = await deps.load(filter, trail.at(-1));
    while (page.rows.length === 0 && page.next !== undefined && mine === requestCount)
      page = await deps.load(filter, page.next);
    return page;
  };
  const explain = (error: unknown): void => {
    if (error === undefined) return;
    setText(alert, errorMessage(error));
    if (placeholder.textContent === 'Loading…') setText(placeholder, '');
  };
  /** The new page begins at its top, for eyes and keyboard alike. */
  const turn = (trail: ListQuery['trail']): void => {
    isTurning = true;
    void show({ ...shown, trail }).then(explain);
  };
  const pager = createPager({
    back: () => turn(shown.trail.slice(0, -1)),
    on: () => turn([...shown.trail, next]),
  });
  return Object.freeze({
    node: element('div', { class: 'paged' }, alert, placeholder, pager.pageLabel, list.node, pager.buttons),
    loadFirst: () => show({ ...requested, trail: [undefined] }).then(explain),
    async reload() {
      // The error of a filter is shown beside it, so its answer has to be awaited.
      await searching;
      explain(await show(requested));
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
