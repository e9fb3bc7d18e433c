import { type Timers, wallTime } from '../platform/timers.ts';

/** Creates a clock without a time of the service. */
export function createServerClock(timers: Timers) {
  let offset: number | undefined;
  return Object.freeze({
    /** Sets the current time of the service, in epoch milliseconds. */
    learn(serverTime: number) {
      offset = serverTime - timers.now();
    },
    /** Returns epoch seconds. Before the first `learn` it uses the clock of the browser. */
    seconds: () => Math.floor((offset === undefined ? wallTime() : offset + timers.now()) / 1000),
  });
}
