import { type EventSource, listen, windowTarget } from './target.ts';

/** Calls `listener` when the platform says that a network is there again; only a hint, and never a reason to stop trying. */
export function onOnline(listener: () => void, window: EventSource | undefined = windowTarget()): () => void {
  return listen(window, ['online'], listener);
}
