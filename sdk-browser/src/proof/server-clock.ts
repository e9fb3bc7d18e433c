import { type Timers, wallTime } from '../platform/timers.ts';

/** The service's time. Measured, not compared: a browser's own clock may be hours off. */
interface ServerClock {
  /** The service said what time it is, in epoch milliseconds, just now. */
  learn(serverTime: number): void;
  /** Epoch seconds; by the browser's clock as long as the service has not said anything. */
  seconds(): number;
}

export function createServerClock(timers: Timers): ServerClock {
  let offset: number | undefined;
  return Object.freeze({
    learn(serverTime: number) {
      offset = serverTime - timers.now();
    },
    seconds: () => Math.floor((offset === undefined ? wallTime() : offset + timers.now()) / 1000),
  });
}
