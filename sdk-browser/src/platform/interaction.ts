import { type EventTargetLike, listen, windowTarget } from './event-target.ts';

/** Calls `listener` at each pointer, key and wheel event. Returns the function that removes it. */
export function onInteraction(listener: () => void, window: EventTargetLike | undefined = windowTarget()): () => void {
  return listen(window, ['pointerdown', 'keydown', 'wheel'], listener);
}
