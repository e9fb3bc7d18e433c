import { singleFlight } from '@latchkey/core/internal';

/** A stop was asked for before the start had come to its end. */
export class StartInterrupted extends Error {
  override readonly name = 'StartInterrupted';
  constructor() {
    super('A stop was asked for while the service started.');
  }
}

/** A part of the process that needs I/O to begin and to end. */
export interface Component {
  readonly name: string;
  /** @param signal is aborted when a stop is asked for meanwhile */
  start?(signal?: AbortSignal): Promise<unknown> | unknown;
  stop?(): Promise<unknown> | unknown;
}

interface Lifecycle extends AsyncDisposable {
  /**
   * Starts the components in order. When one fails, stops the started ones and rejects with its error.
   *
   * @throws StartInterrupted `stop` was called before the last one had started
   */
  start(): Promise<void>;
  /** Stops every part in reverse, also after an error, and rejects with the first error. */
  stop(): Promise<void>;
}

/**
 * Concurrent callers of `start` or `stop` share one run. A `stop` waits for the component that starts, and no other starts
 * after it.
 */
export function createLifecycle(parts: readonly Component[]): Lifecycle {
  const started: Component[] = [];
  const interruption = new AbortController();

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
        interruption.signal.throwIfAborted();
        await part.start?.(interruption.signal);
        started.push(part);
      } catch (error) {
        // Who asked for a stop stops them, and learns what failed.
        if (!interruption.signal.aborted) await stopAll().catch(() => {});
        throw error;
      }
    }
    interruption.signal.throwIfAborted();
  }

  let starting: Promise<void> | undefined;
  const start = () => (starting ??= startAll());
  const stop = singleFlight(async () => {
    if (starting !== undefined) interruption.abort(new StartInterrupted());
    await starting?.catch(() => {});
    await stopAll();
  });
  return Object.freeze({ start, stop, [Symbol.asyncDispose]: stop });
}
