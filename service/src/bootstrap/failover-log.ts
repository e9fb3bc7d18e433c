import type { FailoverEvent, FailoverReport } from '../domain/failover/failover.ts';
import type { ServiceLogger } from '../ops/logger.ts';

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
