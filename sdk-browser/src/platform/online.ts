import { type EventTargetLike, listen, windowTarget } from './event-target.ts';

/** Calls `listener` when the platform says that a network is there again; only a hint, and never a reason to stop trying. */
export function onOnline(listener: () => void, window: EventTargetLike | undefined = windowTarget()): () => void {
  return listen(window, ['online'], listener);
}
