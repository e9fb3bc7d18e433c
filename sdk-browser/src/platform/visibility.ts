import { documentTarget, type EventTargetLike, listen, windowTarget } from './event-target.ts';

/**
 * Calls `listener` when the page is shown again: another tab left, a frozen page thawed, history went back. Returns what
 * ends that.
 */
export function onVisible(
  listener: () => void,
  document: (EventTargetLike & { readonly visibilityState?: string }) | undefined = documentTarget(),
  window: EventTargetLike | undefined = windowTarget(),
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
