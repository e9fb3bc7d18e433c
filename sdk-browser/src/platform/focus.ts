import { documentTarget, type EventSource, listen, windowTarget } from './target.ts';

/**
 * Calls `listener` when the page is shown again: another tab left, a frozen page thawed, history went back. Returns what
 * ends that.
 */
export function onShown(
  listener: () => void,
  document: (EventSource & { readonly visibilityState?: string }) | undefined = documentTarget(),
  window: EventSource | undefined = windowTarget(),
): () => void {
  const unlisten = listen(document, ['visibilitychange'], () => {
    if (document?.visibilityState === 'visible') listener();
  });
  const forget = listen(window, ['pageshow'], listener);
  return () => {
    unlisten();
    forget();
  };
}
