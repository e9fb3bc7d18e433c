import type { ClockEvent } from '../domain/clock/clock.ts';
import type { ServiceLogger } from '../ops/logger.ts';

/** Logs a line when a clock is found to be wrong, and one when the clock of this machine is right again. */
export function clockLog(log: ServiceLogger): (event: ClockEvent) => void {
  return (event) => {
    if (event.kind === 'set_back') {
      const { kid } = event;
      log.warn({ kid }, `the database's clock went back by ${secondsOf(event.backMs)} s; signing keys were replaced`);
    } else if (event.kind === 'machine_right') log.info({}, "this machine's clock agrees with the database's again");
    else {
      const { aheadMs } = event;
      const side = aheadMs > 0 ? 'ahead of' : 'behind';
      log.warn(
        { ahead_ms: Math.round(aheadMs) },
        `this machine's clock is ${secondsOf(aheadMs)} s ${side} the database's`,
      );
    }
  };
}

const secondsOf = (ms: number) => Math.round(Math.abs(ms) / 1_000);
