import { assertOptions, fail, type OptionNames } from '@latchkey/contract';
import { type BrowserProtocol, type DrainReport, maskError } from '@latchkey/core';
import { type Clock, consoleLogger, createActivities, type Logger, withTimeout } from '@latchkey/core/internal';

/** Dependencies of {@link createShutdown}. */
export interface ShutdownDeps {
  readonly clock: Clock;
  /** Default: the console. */
  readonly log?: Logger;
  /** Servers whose sockets are notified and closed once no activity is in progress. */
  readonly protocol?: Pick<BrowserProtocol, 'drain'>;
  /** The clients' return is spread over this time, in seconds. Default 10. */
  readonly spreadInSecs?: number | undefined;
  /** Ends the process. Default: `process.exit`. */
  readonly exit?: (code: number) => void;
}

/** Options of a shutdown. */
export interface ShutdownOptions {
  /** Ends the process afterwards: exit code 0, or 1 when the stop failed. */
  readonly exit?: boolean;
}

/** What a stop did. */
export interface ShutdownReport {
  /** Activities still in progress at the deadline, by name. */
  readonly unfinished: Readonly<Record<string, number>>;
  readonly sockets: DrainReport;
}

/** How this server stops. */
export interface Shutdown {
  /**
   * Waits at most `delay` seconds (10) for what is in progress, then drains the sockets. Again: the same promise. With
   * `{ exit: true }` the process ends afterwards.
   */
  shutdown(delay?: number, options?: ShutdownOptions): Promise<ShutdownReport>;
  isServerShutDownInProgress(): boolean;
  /** Registers an activity that a stop waits for. Returns the function that ends it. Throws `server_draining`. */
  registerActivity(name: string): () => void;
  /** What is in progress: how many of each name. */
  activitiesInProgress(): Readonly<Record<string, number>>;
}

const names: OptionNames<ShutdownDeps> = {
  clock: 'object',
  log: 'object',
  protocol: 'object',
  spreadInSecs: true,
  exit: 'function',
};
const optionNames: OptionNames<ShutdownOptions> = { exit: 'boolean' };
const defaultDelaySeconds = 10;
const defaultSpreadSeconds = 10;
/** Sockets get time to receive the drain, even when the activities used all of it. */
const minDrainMs = 1_000;

/**
 * Stops a server without losing a call: new calls are refused (`server_draining`), calls in progress are answered, then
 * every socket gets `server_drain` and its transport is closed, so that clients reconnect elsewhere. Work that is not
 * finished after `delay` seconds is named in log and report.
 *
 * @throws TypeError when a time is negative or no number
 * @example
 * const stop = createShutdown({ clock, log, protocol });
 * const done = stop.registerActivity('nightly report');
 * const { unfinished } = await stop.shutdown(30);
 */
export function createShutdown(deps: ShutdownDeps): Shutdown {
  assertOptions('createShutdown', deps, names);
  const { clock, log = consoleLogger, protocol, spreadInSecs = defaultSpreadSeconds } = deps;
  const spreadMs = toMilliseconds('spreadInSecs', spreadInSecs);
  const activities = createActivities();
  let report: Promise<ShutdownReport> | undefined;

  async function waitUntil(at: number): Promise<void> {
    if (activities.count() === 0 || clock.monotonic() >= at) return;
    await withTimeout(clock, at - clock.monotonic(), activities.whenIdle(), () => {});
  }

  async function run(delayMs: number): Promise<ShutdownReport> {
    const deadline = clock.monotonic() + delayMs;
    await waitUntil(deadline);
    const unfinished = activities.counts();
    if (activities.count() > 0)
      log.warn(
        { unfinished },
        'shutdown: activities are unfinished at the deadline; the shutdown continues without them',
      );
    const deadlineMs = Math.max(minDrainMs, deadline - clock.monotonic());
    const sockets = (await protocol?.drain({ spreadMs, deadlineMs })) ?? { notified: 0, terminated: 0 };
    return Object.freeze({ unfinished, sockets });
  }

  return Object.freeze({
    shutdown(delay = defaultDelaySeconds, options: ShutdownOptions = {}) {
      assertOptions('shutdown', options, optionNames);
      const delayMs = toMilliseconds('delay', delay);
      report ??= run(delayMs);
      if (options.exit) exitAfter(report, deps);
      return report;
    },
    isServerShutDownInProgress: () => report !== undefined,
    registerActivity(name: string) {
      if (report !== undefined) throw fail('server_draining');
      return activities.start(name);
    },
    activitiesInProgress: activities.counts,
  });
}

/**
 * Ends the process once a stop is over. Code that awaits the stop runs before.
 *
 * @example
 * exitAfter(stopAll(), { log });
 */
export function exitAfter(
  stop: Promise<unknown>,
  { log = consoleLogger, exit = endProcess }: Pick<ShutdownDeps, 'log' | 'exit'>,
): void {
  stop.then(
    () => setImmediate(exit, 0),
    (error: unknown) => {
      log.error({ err: maskError(error, []) }, 'the shutdown failed');
      setImmediate(exit, 1);
    },
  );
}

const endProcess = (code: number): void => process.exit(code);

/** @throws TypeError for a time that is negative, endless or no number */
export function toMilliseconds(name: string, seconds: number): number {
  if (!(Number.isFinite(seconds) && seconds >= 0))
    throw new TypeError(`${name} has to be a number of seconds, 0 or more`);
  return seconds * 1_000;
}
