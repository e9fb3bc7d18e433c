import type { EndReason } from '@latchkey/contract';
import { type Clock, createTimer } from '@latchkey/core/internal';
import type { ClockEvent } from '../domain/clock/clock.ts';
import type { FailoverEvent, FailoverReport } from '../domain/failover/failover.ts';
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

/** Calls both with each event. */
export const inOrder =
  <Event>(first: (event: Event) => unknown, second: (event: Event) => unknown) =>
  (event: Event): void => {
    first(event);
    second(event);
  };

const secondsOf = (ms: number) => Math.round(Math.abs(ms) / 1_000);

/** Logs the progress of a failover: one line when it begins, one when it has ended. */
export function failoverLog(log: ServiceLogger): (event: FailoverEvent) => void {
  return (event) => {
    if (event.kind === 'began') {
      const { from, to } = event;
      log.error({ from, to }, `failover: served ${from}, now ${to}; no session is judged until nodes have reported`);
    } else if (event.kind === 'joined') {
      const { to, ends } = event;
      log.warn({ to, ends }, `failover: sessions are judged in ${to}; this node wrote back ${ends} lost ends`);
    } else log.error({ ...event.report }, toMessage(event.report));
  };
}

function toMessage({ ends, unknown, missing, covered, to }: FailoverReport): string {
  const done = `failover: sessions are judged again in ${to}; ${ends} lost ends were written back`;
  const out = missing > 0 ? `, ${missing} nodes did not report` : '';
  const ended =
    unknown > 0 ? `, ${unknown} sessions ended because they may have ended before (LATCHKEY_LOST_TAIL)` : '';
  const kept = !covered && unknown === 0 ? ', no node knows which other sessions had ended' : '';
  const lost = 'lost rotations, sign-ins, registrations and password changes cannot be known';
  return `${done}${out}${ended}${kept}; ${lost}`;
}

/** Lines of ends in a second. An end of all sessions of a tenant is one for each. */
const maxEndLines = 100;
const secondMs = 1_000;

/** Logs each session that ended, at every node. Of more than 100 in a second the others are one line with their number. */
export function endLog(log: ServiceLogger, clock: Clock): (sid: string, reason: EndReason) => void {
  let ended = 0;
  const timer = createTimer(clock, () => {
    if (ended > maxEndLines) log.info({ sessions: ended - maxEndLines }, 'more sessions ended in the same second');
    ended = 0;
  });
  return (sid, reason) => {
    if (!timer.isSet) timer.set(secondMs);
    ended += 1;
    if (ended <= maxEndLines) log.info({ session_id: sid, reason }, 'session ended');
  };
}
