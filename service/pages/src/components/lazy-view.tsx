import { useSignal } from '@preact/signals';
import type { ComponentChildren, ComponentType } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { words } from '../words/words.ts';
import { useTitle } from './use-title.ts';

interface LazyViewProps<Props> {
  readonly title: string;
  /** Fetches the view's script. */
  readonly load: () => Promise<ComponentType<Props>>;
  readonly render: (View: ComponentType<Props>) => ComponentChildren;
}

/** A view whose script is loaded when it is first shown, because other pages do not need it. */
export function LazyView<Props>({ title, load, render }: LazyViewProps<Props>) {
  const node = useRef<HTMLDivElement>(null);
  const hadFocus = useRef(false);
  const loaded = useSignal<{ readonly View?: ComponentType<Props> } | undefined>(undefined);
  const isLoaded = loaded.value !== undefined;
  useTitle(title);
  useEffect(() => {
    const show = (found: { readonly View?: ComponentType<Props> }): void => {
      hadFocus.current = node.current?.contains(document.activeElement) ?? false;
      loaded.value = found;
    };
    load().then(
      (View) => show({ View }),
      () => show({}),
    );
  }, []);
  useLayoutEffect(() => {
    if (hadFocus.current) node.current?.querySelector('h1')?.focus();
  }, [isLoaded]);
  return (
    <div class="late" ref={node}>
      {loaded.value === undefined && <Loading title={title} />}
      {loaded.value !== undefined && (loaded.value.View === undefined ? <LoadError /> : render(loaded.value.View))}
    </div>
  );
}

function Loading({ title }: { readonly title: string }) {
  return (
    <>
      <h1 tabindex={-1}>{title}</h1>
      <p class="hint" role="status">
        {words().page.loading}
      </p>
    </>
  );
}

function LoadError() {
  return (
    <>
      <p class="form-error" role="alert">
        {words().page.notLoaded}
      </p>
      <button type="button" onClick={() => location.reload()}>
        {words().page.tryAgain}
      </button>
    </>
  );
}
