/** Creates a counter of calls and requests in progress, whatever a shutdown waits for. */
export function createActivities() {
  const running = new Set<{ readonly name: string }>();
  let waiters: (() => void)[] = [];

  function finish(activity: { readonly name: string }): void {
    if (!running.delete(activity) || running.size > 0) return;
    const ready = waiters;
    waiters = [];
    for (const resolve of ready) resolve();
  }

  return Object.freeze({
    /** Registers an activity. Returns the function that ends it, and that may be called twice. */
    start(name: string) {
      const activity = { name };
      running.add(activity);
      return () => finish(activity);
    },
    count: () => running.size,
    /** How many of each name. */
    counts() {
      const counts = new Map<string, number>();
      for (const { name } of running) counts.set(name, (counts.get(name) ?? 0) + 1);
      return Object.fromEntries(counts);
    },
    /** Resolves when nothing is left; at once when nothing is there. */
    whenIdle: () =>
      running.size === 0 ? Promise.resolve() : new Promise<void>((resolve) => void waiters.push(resolve)),
  });
}
