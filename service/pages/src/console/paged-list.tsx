import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { ErrorMessage } from '../components/error-message.tsx';
import { fill, words } from '../words/words.ts';
import type { ListModel } from './list-model.ts';

interface PagedListProps<Item> {
  readonly list: ListModel<Item>;
  /** The text for an empty list. */
  readonly empty: string;
  /** A row. `now` is the service's time when it answered, `NaN` when unknown. */
  readonly children: (item: Item, now: number) => ComponentChildren;
}

/** One page of a list, its errors, and buttons to the other pages. */
export function PagedList<Item>({ list, empty, children }: PagedListProps<Item>) {
  const label = useRef<HTMLParagraphElement>(null);
  const { value: page } = list.page;
  const { value: turns } = list.turns;
  const { value: error } = list.error;
  useLayoutEffect(() => {
    if (turns > 0) label.current?.focus();
  }, [turns]);
  const isOnly = page === undefined || (page.number === 1 && page.next === undefined);
  const isLoading = page === undefined && error === undefined;
  return (
    <div class="paged">
      <ErrorMessage error={error} />
      {isLoading && <p class="hint">{words().page.loading}</p>}
      {page?.rows.length === 0 && (
        <p class="hint" data-testid="nothing">
          {empty}
        </p>
      )}
      <p class="hint" tabindex={-1} hidden={isOnly} data-testid="page" ref={label}>
        {fill(words().console.pageNumber, { number: String(page?.number) })}
      </p>
      <ul class="sessions" data-testid="rows">
        {page?.rows.map((item) => children(item, page.at))}
      </ul>
      <p class="actions" hidden={isOnly}>
        <ToggleButton isAble={page !== undefined && page.number > 1} onClick={list.back}>
          {words().console.back}
        </ToggleButton>
        <ToggleButton isAble={page?.next !== undefined} onClick={list.next} testId="next-page">
          {words().console.nextPage}
        </ToggleButton>
      </p>
    </div>
  );
}

interface ToggleButtonProps {
  readonly isAble: boolean;
  readonly onClick: () => void;
  readonly testId?: string;
  readonly children: string;
}

/** Not `disabled`, which would remove the focus from the button that was pressed. */
function ToggleButton({ isAble, onClick, testId, children }: ToggleButtonProps) {
  return (
    <button type="button" aria-disabled={!isAble} data-testid={testId} onClick={() => isAble && onClick()}>
      {children}
    </button>
  );
}
