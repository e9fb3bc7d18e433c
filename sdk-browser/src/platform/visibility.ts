import { documentTarget, type EventTargetLike, listen, windowTarget } from './event-target.ts';

/**
 * Calls `listener` when the page becomes visible: after a change of tabs, a freeze or a navigation back. Returns the function
 * that removes it.
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
