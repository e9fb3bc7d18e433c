import { Failure } from '@latchkey/contract';
import { batch, type ReadonlySignal, signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Filter, ListPage } from './console-api.ts';

interface ShownPage<Item> extends ListPage<Item> {
  readonly number: number;
}

/** One page of a long list, and functions that show the others. */
export interface ListModel<Item> {
  readonly page: ReadonlySignal<ShownPage<Item> | undefined>;
  readonly error: ReadonlySignal<unknown>;
  /** How many times another page was shown. The focus then moves to its start. */
  readonly turns: ReadonlySignal<number>;
  back(): void;
  next(): void;
  /** Never rejects. */
  loadFirst(): Promise<void>;
  /** Reads the page again that is shown, or that was requested last. Never rejects. */
  reload(): Promise<void>;
  /**
   * Shows the first page of the rows that match the filter.
   *
   * @throws invalid_request the service cannot read the filter; the list stays as it is
   */
  search(filter: Filter): Promise<void>;
}

type Load<Item> = (filter: Filter, cursor: string | undefined) => Promise<ListPage<Item>>;

interface ListQuery {
  readonly filter: Filter;
  /** Cursors of a page and of those before it; the first page has none. */
  readonly trail: readonly (string | undefined)[];
}

const isUnreadable = (error: unknown): boolean => error instanceof Failure && error.code === 'invalid_request';

export function useListModel<Item>(load: Load<Item>, filter: Filter = {}): ListModel<Item> {
  return useMemo(() => createListModel(load, filter), []);
}

function createListModel<Item>(load: Load<Item>, filter: Filter): ListModel<Item> {
  const page = signal<ShownPage<Item> | undefined>(undefined);
  const error = signal<unknown>(undefined);
  const turns = signal(0);
  let shown: ListQuery = { filter, trail: [undefined] };
  let requested = shown;
  let requestCount = 0;
  let isTurning = false;
  let searching: Promise<unknown> = Promise.resolve();

  /** Resolves with the error, if this was the last request. */
  const show = async (question: ListQuery): Promise<unknown> => {
    requested = question;
    requestCount += 1;
    const mine = requestCount;
    const answer = await loadPage(question, mine).catch((error: unknown) => ({ error }));
    // A later request has an answer, or will have one.
    if (mine !== requestCount) return undefined;
    if ('error' in answer) {
      if (isTurning || isUnreadable(answer.error)) requested = shown;
      isTurning = false;
      return answer.error;
    }
    const { trail } = question;
    if (answer.rows.length === 0 && trail.length > 1) return show({ ...question, trail: [undefined] });
    shown = question;
    batch(() => {
      error.value = undefined;
      page.value = { ...answer, number: trail.length };
      if (isTurning) turns.value += 1;
    });
    isTurning = false;
    return undefined;
  };
  /** An empty page with a next one means that the service has examined rows up to there and found none. */
  const loadPage = async ({ filter, trail }: ListQuery, mine: number): Promise<ListPage<Item>> => {
    let found = await load(filter, trail.at(-1));
    while (found.rows.length === 0 && found.next !== undefined && mine === requestCount)
      found = await load(filter, found.next);
    return found;
  };
  const explain = (cause: unknown): void => {
    if (cause !== undefined) error.value = cause;
  };
  /** The new page begins at its top, for eyes and keyboard alike. */
  const turn = (trail: ListQuery['trail']): void => {
    isTurning = true;
    void show({ ...shown, trail }).then(explain);
  };
  return Object.freeze<ListModel<Item>>({
    page,
    error,
    turns,
    back: () => turn(shown.trail.slice(0, -1)),
    next: () => turn([...shown.trail, page.value?.next]),
    loadFirst: () => show({ ...requested, trail: [undefined] }).then(explain),
    async reload() {
      // The error of a filter is shown beside it, so its answer has to be awaited.
      await searching;
      explain(await show(requested));
    },
    async search(filter) {
      const answer = show({ filter, trail: [undefined] });
      searching = answer;
      const cause = await answer;
      if (isUnreadable(cause)) throw cause;
      explain(cause);
    },
  });
}
