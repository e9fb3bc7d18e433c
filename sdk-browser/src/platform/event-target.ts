/** The part of `window` and `document` that the SDK listens to. */
export type EventTargetLike = Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;

/** `window`, or nothing outside a browser. */
export function windowTarget(): EventTargetLike | undefined {
  // React Native has a `window` without events.
  return typeof window === 'undefined' || window.addEventListener === undefined ? undefined : window;
}

/** `document`, or nothing outside a browser. */
export function documentTarget(): EventTargetLike | undefined {
  return typeof document === 'undefined' ? undefined : document;
}

/** Listens to several events of one target; returns what removes all of them. */
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
