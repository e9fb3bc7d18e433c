import { type Timers, wallTime } from '../platform/timers.ts';

/** Estimate of the service's clock. The clock of the browser may be hours off. */
interface ServerClock {
  /** Sets the current time of the service, in epoch milliseconds. */
  learn(serverTime: number): void;
  /** Returns epoch seconds. Before the first `learn` it uses the clock of the browser. */
  seconds(): number;
}

/** Creates a clock without a time of the service. */
export function createServerClock(timers: Timers): ServerClock {
  let offset: number | undefined;
  return Object.freeze({
    learn(serverTime: number) {
      offset = serverTime - timers.now();
    },
    seconds: () => Math.floor((offset === undefined ? wallTime() : offset + timers.now()) / 1000),
  });
}
