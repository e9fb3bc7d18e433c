import type { LatchkeyOptions, ShutdownReport, SocketServeOptions } from '@latchkey/sdk-server';

/** What an app's program is told, as JSON in its environment. */
export interface AppOptions {
  readonly port: number;
  readonly latchkey: Omit<LatchkeyOptions, 'log' | 'clock'>;
  readonly serve?: Pick<SocketServeOptions, 'limits' | 'longPolling' | 'timings'> & {
    readonly origins?: readonly string[];
  };
  /** How long a stop waits for what is in progress. */
  readonly stopSeconds?: number;
}

/** What it writes when it stops: the calls it ever began, and what the stop did. */
export interface Stopped {
  readonly begun: readonly string[];
  readonly report: ShutdownReport;
}

export const appOptionsName = 'APP_OPTIONS';
