/** Calls a listener. An error that it throws is reported to the page, as for a DOM event listener, and not thrown. */
export function notifyListener<Payload>(listener: (payload: Payload) => void, payload: Payload): void {
  try {
    listener(payload);
  } catch (error) {
    (globalThis.reportError ?? console.error)(error);
  }
}

/** Creates a set of listeners. `open` is called for the first listener; the function it returns is called after the last. */
export function createSubscribable<Payload>(
  open: (publish: (payload: Payload) => void) => () => void = () => () => {},
) {
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
    /** Calls all listeners. */
    publish,
    /** Adds a listener and returns the function that removes it. */
    subscribe(listener: (payload: Payload) => void) {
      const entry = { listener };
      listeners.add(entry);
      closeSource ??= open(publish);
      return () => {
        if (listeners.delete(entry)) closeIfUnused();
      };
    },
    /** Removes all listeners. */
    clear() {
      listeners.clear();
      closeIfUnused();
    },
  });
}
