import { type EventSource, listen, windowTarget } from './target.ts';

/** Calls `listener`, passively, whenever the person touches, clicks, scrolls by wheel or types. */
export function onInteraction(listener: () => void, window: EventSource | undefined = windowTarget()): () => void {
  return listen(window, ['pointerdown', 'keydown', 'wheel'], listener);
}
