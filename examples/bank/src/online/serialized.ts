/**
 * Runs `work` one at a time. Calls during a run share the next run, so each result is read after its call, and results
 * arrive in the order of the calls.
 *
 * @example
 * const read = serialized(() => readList());
 */
export function serialized<T>(work: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  const run = (): Promise<T> => {
    next = undefined;
    return work();
  };
  return () => {
    if (next === undefined) {
      next = last.then(run);
      last = next.catch(() => {});
    }
    return next;
  };
}
