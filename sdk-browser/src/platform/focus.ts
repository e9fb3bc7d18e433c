import { createSubscribable } from './subscribable.ts';
import { documentTarget, type EventSource, listen, windowTarget } from './target.ts';

export interface Focus {
  /** Calls `listener` when the page is shown again: another tab left, a frozen page thawed, history went back. */
  subscribe(listener: () => void): () => void;
}

/** Tells when the page is visible again; listens to the platform only while somebody listens to it. */
export function createFocus(
  document: (EventSource & { readonly visibilityState?: string }) | undefined = documentTarget(),
  window: EventSource | undefined = windowTarget(),
): Focus {
  const shown = createSubscribable<void>((publish) => {
    const unlisten = listen(document, ['visibilitychange'], () => {
      if (document?.visibilityState === 'visible') publish();
    });
    const forget = listen(window, ['pageshow'], () => publish());
    return () => {
      unlisten();
      forget();
    };
  });
  return Object.freeze({ subscribe: shown.subscribe });
}
