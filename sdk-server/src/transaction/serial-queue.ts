/** One after the other, in the order of asking. */
interface SerialQueue {
  /** True while no task runs or waits. */
  readonly isIdle: boolean;
  run<T>(turn: () => Promise<T>): Promise<T>;
}

export function createSerialQueue(): SerialQueue {
  let open = 0;
  let last: Promise<unknown> = Promise.resolve();
  return Object.freeze({
    get isIdle() {
      return open === 0;
    },
    run<T>(turn: () => Promise<T>): Promise<T> {
      open += 1;
      const taken = last.then(turn).finally(() => {
        open -= 1;
      });
      last = taken.catch(() => undefined);
      return taken;
    },
  });
}
