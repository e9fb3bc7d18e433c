import type { Log } from '../socket/options.ts';
import { maskError } from '../socket/trouble.ts';
import type { Shutdown, ShutdownReport } from './shutdown.ts';

export interface StopOnSignalsOptions {
  /** The process; a part of it, so that tests need none. */
  readonly host: Pick<NodeJS.Process, 'once' | 'off' | 'exit'>;
  readonly shutdown: Shutdown;
  /** Default: SIGTERM and SIGINT. */
  readonly signals?: readonly NodeJS.Signals[];
  /** Seconds for {@link Shutdown.shutdown}. */
  readonly delay?: number;
  /** After the sockets were drained, before the end: closes the app's server, database and so on. */
  readonly close?: (report: ShutdownReport) => Promise<void> | void;
  readonly log?: Log;
}

/**
 * Stops the server at a signal and ends the process: exit code 0, or 1 when `close` failed. A second signal ends it at
 * once, as Node does without a listener. Returns the function that takes the listeners away.
 *
 * @example
 * stopOnSignals({ host: process, shutdown, close: () => io.close() });
 */
export function stopOnSignals(options: StopOnSignalsOptions): () => void {
  const { host, shutdown, signals = ['SIGTERM', 'SIGINT'], delay, close, log } = options;

  function forget(): void {
    for (const signal of signals) host.off(signal, stop);
  }

  async function stop(): Promise<void> {
    // Of all signals: the second one may be another than the first.
    forget();
    try {
      await close?.(await shutdown.shutdown(delay));
      host.exit(0);
    } catch (error) {
      log?.error({ error: maskError(error, []) }, 'the shutdown failed');
      host.exit(1);
    }
  }

  for (const signal of signals) host.once(signal, stop);
  return forget;
}
