import { element, setText } from '../element.ts';
import { createButton } from './button.ts';

/** Buttons to the next and the previous page of a list, with the number of the page. */
interface Pager {
  /** Names the page; the focus goes there when a page was turned. */
  readonly pageLabel: HTMLElement;
  readonly buttons: HTMLElement;
  show(state: { readonly page: number; readonly hasNext: boolean; readonly isTurned: boolean }): void;
}

export function createPager({ back, on }: { readonly back: () => void; readonly on: () => void }): Pager {
  const pageLabel = element('p', { class: 'hint', tabindex: -1, hidden: true, 'data-testid': 'page' });
  const toBack = createToggleButton('Back', back);
  const toNext = createToggleButton('Next page', on, 'next-page');
  const buttons = element('p', { class: 'actions', hidden: true }, toBack.node, toNext.node);
  return Object.freeze<Pager>({
    pageLabel,
    buttons,
    show({ page, hasNext, isTurned }) {
      const isOnly = page === 1 && !hasNext;
      buttons.hidden = isOnly;
      pageLabel.hidden = isOnly;
      setText(pageLabel, `Page ${page}`);
      toBack.setAble(page > 1);
      toNext.setAble(hasNext);
      if (isTurned) pageLabel.focus();
    },
  });
}

/** Not `disabled`, which would remove the focus from the button that was pressed. */
function createToggleButton(text: string, act: () => void, testId?: string) {
  let isAble = false;
  const node = createButton(text, () => isAble && act(), { 'data-testid': testId });
  return {
    node,
    setAble(able: boolean) {
      isAble = able;
      node.setAttribute('aria-disabled', String(!able));
    },
  };
}
