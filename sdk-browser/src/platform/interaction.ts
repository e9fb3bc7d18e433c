import { type EventTargetLike, listen, windowTarget } from './event-target.ts';

/** Calls `listener`, passively, whenever the person touches, clicks, scrolls by wheel or types. */
export function onInteraction(listener: () => void, window: EventTargetLike | undefined = windowTarget()): () => void {
  return listen(window, ['pointerdown', 'keydown', 'wheel'], listener);
}
