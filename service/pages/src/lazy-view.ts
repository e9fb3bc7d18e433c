import type { SessionState } from '@latchkey/sdk-browser';
import { element } from './element.ts';
import type { View } from './view.ts';

interface LazyViewDeps {
  readonly title: string;
  /** Fetches the view's script, and gives the function that makes the view. */
  readonly load: () => Promise<() => View>;
  /** Loads the page anew: a browser does not fetch a script again that it could not have. */
  readonly reload: () => void;
}

/** A view whose script comes when it is shown first, so that the other pages do not carry it. */
export function createLazyView({ title, load, reload }: LazyViewDeps): View {
  const status = element('p', { class: 'hint', role: 'status' }, 'Loading…');
  const node = element('div', { class: 'late' }, element('h1', { tabindex: -1 }, title), status);
  let view: View | undefined;
  let state: SessionState | undefined;
  let isClosed = false;
  const show = (create: () => View): void => {
    if (isClosed) return;
    view = create();
    if (state !== undefined) view.update(state);
    const hadFocus = node.contains(document.activeElement);
    node.replaceChildren(view.node);
    if (hadFocus) node.querySelector('h1')?.focus();
  };
  const explain = (): void =>
    node.replaceChildren(
      element('p', { class: 'form-error', role: 'alert' }, 'This page could not be loaded. Are you online?'),
      element('button', { type: 'button', onclick: reload }, 'Try again'),
    );
  load().then(show, explain);
  return Object.freeze({
    title,
    node,
    update(next: SessionState) {
      state = next;
      view?.update(next);
    },
    close() {
      isClosed = true;
      view?.close();
    },
  });
}
