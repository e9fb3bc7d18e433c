/** Listeners of one thing; `open` runs while there is at least one of them, and returns what ends it. */
export interface Subscribable<Payload> {
  subscribe(listener: (payload: Payload) => void): () => void;
  publish(payload: Payload): void;
  clear(): void;
}

/** A set of listeners that opens its source for the first and closes it after the last. */
export function createSubscribable<Payload>(
  open: (publish: (payload: Payload) => void) => () => void = () => () => {},
): Subscribable<Payload> {
  const listeners = new Set<{ listener: (payload: Payload) => void }>();
  let shut: (() => void) | undefined;
  const publish = (payload: Payload): void => {
    for (const entry of [...listeners]) if (listeners.has(entry)) entry.listener(payload);
  };
  const closeIfUnused = (): void => {
    if (listeners.size > 0) return;
    shut?.();
    shut = undefined;
  };
  return Object.freeze({
    publish,
    subscribe(listener: (payload: Payload) => void) {
      const entry = { listener };
      listeners.add(entry);
      shut ??= open(publish);
      return () => {
        if (listeners.delete(entry)) closeIfUnused();
      };
    },
    clear() {
      listeners.clear();
      closeIfUnused();
    },
  });
}
