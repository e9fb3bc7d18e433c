import { type EventTargetLike, listen, windowTarget } from './event-target.ts';

/** Calls `listener` when the platform reports a network. The report is only a hint. Returns the function that removes it. */
export function onOnline(listener: () => void, window: EventTargetLike | undefined = windowTarget()): () => void {
  return listen(window, ['online'], listener);
}
