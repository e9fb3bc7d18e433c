import { singleFlight } from '@latchkey/core/internal';

/** A part of the process that needs I/O to begin and to end. */
export interface Component {
  readonly name: string;
  start?(): Promise<unknown> | unknown;
  stop?(): Promise<unknown> | unknown;
}

interface Lifecycle extends AsyncDisposable {
  /** Starts the components in order. When one fails, stops the started ones and rejects with its error. */
  start(): Promise<void>;
  /** Stops every part in reverse, also after an error, and rejects with the first error. */
  stop(): Promise<void>;
}

/** Concurrent callers of `start` or `stop` share one run; a `stop` waits for a `start` under way. */
export function createLifecycle(parts: readonly Component[]): Lifecycle {
  const started: Component[] = [];

  async function stopAll(): Promise<void> {
    const errors: unknown[] = [];
    for (let part = started.pop(); part !== undefined; part = started.pop()) {
      try {
        await part.stop?.();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  async function startAll(): Promise<void> {
    for (const part of parts) {
      try {
        await part.start?.();
        started.push(part);
      } catch (error) {
        await stopAll().catch(() => {});
        throw error;
      }
    }
  }

  let starting: Promise<void> | undefined;
  const start = () => (starting ??= startAll());
  const stop = singleFlight(async () => {
    await starting?.catch(() => {});
    await stopAll();
  });
  return Object.freeze({ start, stop, [Symbol.asyncDispose]: stop });
}
