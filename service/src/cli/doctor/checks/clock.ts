import { readServerTime } from '../../../db/inspection.ts';
import { maxMachineOffsetMs } from '../../../domain/clock/clock.ts';
import { maxMachineSkewMs } from '../../../ops/health.ts';
import { type Finding, failed, ok, warning } from '../finding.ts';
import type { Subject } from '../subject.ts';

const remedy = 'synchronize the clocks of this machine and of the database server (NTP, such as chrony)';

/** The clock of this machine is close to the one of the database. */
export async function checkClock({ clock, connect }: Subject): Promise<Finding> {
  const { db } = await connect();
  const sentAt = clock.monotonic();
  const serverTime = await readServerTime(db);
  const roundTripMs = clock.monotonic() - sentAt;
  const aheadMs = clock.now() - roundTripMs / 2 - serverTime;
  const message = describe(aheadMs);
  if (Math.abs(aheadMs) > maxMachineSkewMs) return failed(`${message}; nodes here are not ready`, remedy);
  if (Math.abs(aheadMs) > maxMachineOffsetMs) return warning(message, remedy);
  return ok(message);
}

function describe(aheadMs: number): string {
  const seconds = Math.abs(aheadMs) / 1_000;
  const amount = seconds < 1 ? 'less than a second' : `${Math.round(seconds)} s`;
  return `the clock of this machine is ${amount} ${aheadMs < 0 ? 'behind' : 'ahead of'} the clock of the database`;
}
