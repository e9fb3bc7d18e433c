import { singleFlight } from '../base/single-flight.ts';

/** A part of the process that needs I/O to begin and to end. */
export interface Part {
  readonly name: string;
  start?(): Promise<unknown> | unknown;
  stop?(): Promise<unknown> | unknown;
}

export interface Stack extends AsyncDisposable {
  /** Starts the parts in order; when one fails, stops those that stood and rejects with its error. */
  start(): Promise<void>;
  /** Stops in reverse, every part whatever happens, and rejects with the first error. */
  stop(): Promise<void>;
}

/** Concurrent callers of `start` or `stop` share one run; a `stop` waits for a `start` under way. */
export function createStack(parts: readonly Part[]): Stack {
  const standing: Part[] = [];

  async function unwind(): Promise<void> {
    const errors: unknown[] = [];
    for (let part = standing.pop(); part !== undefined; part = standing.pop()) {
      try {
        await part.stop?.();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  async function wind(): Promise<void> {
    for (const part of parts) {
      try {
        await part.start?.();
        standing.push(part);
      } catch (error) {
        await unwind().catch(() => {});
        throw error;
      }
    }
  }

  let starting: Promise<void> | undefined;
  const start = singleFlight(() => {
    starting = wind();
    return starting;
  });
  const stop = singleFlight(async () => {
    await starting?.catch(() => {});
    await unwind();
  });
  return Object.freeze({ start, stop, [Symbol.asyncDispose]: stop });
}
