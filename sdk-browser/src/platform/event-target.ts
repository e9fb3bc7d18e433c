/** The methods of `window` and `document` that the SDK uses. */
export type EventTargetLike = Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;

/** Returns `window`, or `undefined` outside a browser. */
export function windowTarget(): EventTargetLike | undefined {
  // React Native has a `window` without events.
  return typeof window === 'undefined' || window.addEventListener === undefined ? undefined : window;
}

/** Returns `document`, or `undefined` outside a browser. */
export function documentTarget(): EventTargetLike | undefined {
  return typeof document === 'undefined' ? undefined : document;
}

/** Adds a listener for several events of one target. Returns the function that removes it. */
export function listen(
  target: EventTargetLike | undefined,
  names: readonly string[],
  listener: (event: Event) => void,
): () => void {
  for (const name of names) target?.addEventListener(name, listener, { passive: true });
  return () => {
    for (const name of names) target?.removeEventListener(name, listener);
  };
}
