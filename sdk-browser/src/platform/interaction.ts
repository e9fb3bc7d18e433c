import { createSubscribable } from './subscribable.ts';
import { type EventSource, listen, windowTarget } from './target.ts';

export interface Interaction {
  /** Calls `listener` whenever the person touches, clicks, scrolls by wheel or types. */
  subscribe(listener: () => void): () => void;
}

/** Tells that a person is there; listens passively, and only while somebody listens to it. */
export function createInteraction(window: EventSource | undefined = windowTarget()): Interaction {
  const acted = createSubscribable<void>((publish) =>
    listen(window, ['pointerdown', 'keydown', 'wheel'], () => publish()),
  );
  return Object.freeze({ subscribe: acted.subscribe });
}
