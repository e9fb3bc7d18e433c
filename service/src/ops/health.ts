import type { DatabaseClock } from '../db/database-clock.ts';
import type { Database } from '../db/types.ts';
import type { ClockGuard } from '../domain/clock/clock-guard.ts';
import type { Failover } from '../domain/failover/failovers.ts';
import type { SigningKeys } from '../domain/key/keys.ts';
import type { RevocationFeed } from '../domain/revocation/revocation-feed.ts';

/** Readiness of this node, with the result of each check. The reason of a failing check is logged. */
export interface Readiness {
  readonly ready: boolean;
  /** A failover is in progress: sessions are judged again as soon as lost ends are written back. */
  readonly isRecovering: boolean;
  readonly checks: Readonly<Record<string, boolean>>;
}

/** What `/health/ready` asks. Liveness asks nothing: a process that answers is alive. */
export type Health = Pick<ReturnType<typeof createHealth>, 'ready'>;

/** Older than this, a node no longer knows who was logged out. */
export const maxFeedAgeMs = 5_000;
/** Without a reading of the database's clock for so long, its time is not known, in ms. */
const unknownAfterMs = 30_000;
/** Nor when the estimate leaves so much open, in ms. */
const maxClockWidthMs = 2_000;
/** How far the clock of this machine may be off, in ms. */
export const maxMachineSkewMs = 900_000;

/**
 * Ready: started and not stopping, the database takes writes, the feed is fresh, there is a key to sign with,
 * the time of the database is known, the clock of this machine is near it, and no failover is in progress.
 */
export function createHealth(deps: {
  database: Pick<Database, 'assertWritable'>;
  feed: Pick<RevocationFeed, 'ageMs'>;
  keys: Pick<SigningKeys, 'canSign'>;
  failover: Pick<Failover, 'isRecovering'>;
  databaseClock: Pick<DatabaseClock, 'isKnown' | 'ageMs' | 'widthMs'>;
  clockGuard: Pick<ClockGuard, 'machineAheadMs'>;
}) {
  let serving = false;
  async function takesWrites(): Promise<boolean> {
    try {
      await deps.database.assertWritable();
      return true;
    } catch {
      return false;
    }
  }
  function isTimeKnown(): boolean {
    const { databaseClock } = deps;
    return databaseClock.ageMs() < unknownAfterMs && databaseClock.widthMs() < maxClockWidthMs;
  }
  /** It judges nothing, but certificates and hooks use it. */
  function isMachineClockClose(): boolean {
    return !deps.databaseClock.isKnown || Math.abs(deps.clockGuard.machineAheadMs()) <= maxMachineSkewMs;
  }
  return Object.freeze({
    setReady(isReady: boolean) {
      serving = isReady;
    },
    isServing: () => serving,
    async ready(): Promise<Readiness> {
      if (!serving) return { ready: false, isRecovering: false, checks: { serving } };
      const { feed, keys, failover } = deps;
      const database = await takesWrites();
      const checks = {
        // A stop may have begun meanwhile.
        serving,
        database,
        feed: feed.ageMs() < maxFeedAgeMs,
        keys: keys.canSign(),
        failover: !failover.isRecovering(),
        clock_unknown: isTimeKnown(),
        clock_off: isMachineClockClose(),
      };
      return { ready: Object.values(checks).every(Boolean), isRecovering: failover.isRecovering(), checks };
    },
  });
}
