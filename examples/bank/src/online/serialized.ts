/**
 * Runs `work` one at a time: who asks while it runs shares the next run. So answers come in the order of their
 * questions, each no older than its question.
 *
 * @example
 * const look = inTurn(() => readList());
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
