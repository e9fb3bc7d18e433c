import { constants } from 'node:os';
import { assertOptions, type OptionNames } from '@latchkey/contract';
import { maskError } from '@latchkey/core';
import { type Clock, consoleLogger, createSystemClock, type Logger } from '@latchkey/core/internal';
import { type Shutdown, type ShutdownReport, toMilliseconds } from './shutdown.ts';

/** Options of {@link stopOnSignals}. */
export interface StopOnSignalsOptions {
  /** The process; a part of it, so that tests need none. */
  readonly host: Pick<NodeJS.Process, 'on' | 'off' | 'exit'>;
  readonly shutdown: Shutdown;
  /** Default: SIGTERM and SIGINT. */
  readonly signals?: readonly NodeJS.Signals[];
  /** Seconds for {@link Shutdown.shutdown}. */
  readonly delay?: number;
  /** After the sockets were drained, before the end: closes the app's server, database and so on. */
  readonly close?: (report: ShutdownReport) => Promise<void> | void;
  /** Default: the console. */
  readonly log?: Logger;
  readonly clock?: Clock;
}

const names: OptionNames<StopOnSignalsOptions> = {
  host: 'object',
  shutdown: 'object',
  signals: 'object',
  delay: true,
  close: 'function',
  log: 'object',
  clock: 'object',
};

/** A terminal signals the whole group, and npm hands the signal on as well: what follows at once is the same signal. */
const duplicateSignalMs = 500;

/**
 * Stops the server at a signal and ends the process: exit code 0, or 1 when `close` failed. A second signal, more than half
 * a second after the first, ends it at once with 1. Returns the function that removes the listeners.
 *
 * @throws TypeError for an unknown option or signal
 * @example
 * stopOnSignals({ host: process, shutdown, close: () => io.close() });
 */
export function stopOnSignals(options: StopOnSignalsOptions): () => void {
  assertOptions('stopOnSignals', options, names);
  const { host, shutdown, signals = ['SIGTERM', 'SIGINT'], delay, close } = options;
  const { log = consoleLogger, clock = createSystemClock() } = options;
  for (const signal of signals) assertSignal(signal);
  if (delay !== undefined) toMilliseconds('delay', delay);
  let stoppingAt: number | undefined;

  async function stop(): Promise<void> {
    try {
      await close?.(await shutdown.shutdown(delay, { exit: false }));
      host.exit(0);
    } catch (error) {
      log.error({ err: maskError(error, []) }, 'the shutdown failed');
      host.exit(1);
    }
  }

  function onSignal(): void {
    if (stoppingAt === undefined) {
      stoppingAt = clock.monotonic();
      void stop();
    } else if (clock.monotonic() - stoppingAt > duplicateSignalMs) host.exit(1);
  }

  for (const signal of signals) host.on(signal, onSignal);
  return () => {
    for (const signal of signals) host.off(signal, onSignal);
  };
}

/** Node listens to unknown names in silence. */
function assertSignal(signal: NodeJS.Signals): void {
  if (!(signal in constants.signals)) throw new TypeError(`stopOnSignals: ${signal} is no signal, such as SIGTERM`);
}
