/** Runs tasks one after the other, in the order of the calls. */
export function createSerialQueue() {
  let open = 0;
  let last: Promise<unknown> = Promise.resolve();
  return Object.freeze({
    /** True while no task runs or waits. */
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
