/** One after the other, in the order of asking. */
interface Turns {
  /** True while nobody has a turn or waits for one. */
  readonly isFree: boolean;
  take<T>(turn: () => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  let open = 0;
  let last: Promise<unknown> = Promise.resolve();
  return Object.freeze({
    get isFree() {
      return open === 0;
    },
    take<T>(turn: () => Promise<T>): Promise<T> {
      open += 1;
      const taken = last.then(turn).finally(() => {
        open -= 1;
      });
      last = taken.catch(() => undefined);
      return taken;
    },
  });
}
