/** Runs one piece of work, once at a time. */
interface SingleFlight<T> {
  /** Shares the run in flight, or starts one. A call after its end starts another one, also after a failure. */
  (): Promise<T>;
  /** Resolves after a run that began after this call. Calls during a run share the run that follows. */
  fresh(): Promise<T>;
}

/**
 * @example
 * const reload = singleFlight(() => readKeys(db));
 * await Promise.all([reload(), reload()]); // reads once
 */
export function singleFlight<T>(work: () => Promise<T>): SingleFlight<T> {
  let running: Promise<T> | undefined;
  let next: Promise<T> | undefined;

  function run(): Promise<T> {
    running ??= work().finally(() => {
      running = undefined;
    });
    return running;
  }

  function runNext(): Promise<T> {
    next = undefined;
    return run();
  }

  function fresh(): Promise<T> {
    if (running === undefined) return run();
    next ??= running.then(runNext, runNext);
    return next;
  }

  return Object.assign(run, { fresh });
}
