import { createSubscribable } from './subscribable.ts';
import { type EventSource, listen, windowTarget } from './target.ts';

export interface Online {
  /** Calls `listener` when the platform says that a network is there again. */
  subscribe(listener: () => void): () => void;
}

/** Tells when the network is back; only a hint, and never a reason to stop trying. */
export function createOnline(window: EventSource | undefined = windowTarget()): Online {
  const back = createSubscribable<void>((publish) => listen(window, ['online'], () => publish()));
  return Object.freeze({ subscribe: back.subscribe });
}
