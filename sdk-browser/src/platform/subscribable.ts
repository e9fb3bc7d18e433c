/** Listeners of one thing; `open` runs while there is at least one of them, and returns what ends it. */
export interface Subscribable<Payload> {
  subscribe(listener: (payload: Payload) => void): () => void;
  publish(payload: Payload): void;
  clear(): void;
}

/** A listener's error is reported, as that of an event listener is: whoever publishes, and the others, go on. */
export function notifyListener<Payload>(listener: (payload: Payload) => void, payload: Payload): void {
  try {
    listener(payload);
  } catch (error) {
    (globalThis.reportError ?? console.error)(error);
  }
}

/** A set of listeners that opens its source for the first and closes it after the last. */
export function createSubscribable<Payload>(
  open: (publish: (payload: Payload) => void) => () => void = () => () => {},
): Subscribable<Payload> {
  const listeners = new Set<{ listener: (payload: Payload) => void }>();
  let closeSource: (() => void) | undefined;
  const publish = (payload: Payload): void => {
    for (const entry of [...listeners]) if (listeners.has(entry)) notifyListener(entry.listener, payload);
  };
  const closeIfUnused = (): void => {
    if (listeners.size > 0) return;
    closeSource?.();
    closeSource = undefined;
  };
  return Object.freeze({
    publish,
    subscribe(listener: (payload: Payload) => void) {
      const entry = { listener };
      listeners.add(entry);
      closeSource ??= open(publish);
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
