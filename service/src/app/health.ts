import type { Database } from '../db/database.ts';
import type { BlacklistFeed } from '../domain/blacklist/blacklist-feed.ts';
import type { Failover } from '../domain/failover/failovers.ts';
import type { Keys } from '../domain/key/keys.ts';
import type { Health } from '../http/health.ts';

/** Older than this, a node no longer knows who was logged out. */
export const staleMs = 5_000;

/**
 * Ready: started and not stopping, the database takes writes, the feed is fresh, there is a key to sign with,
 * and no failover is in progress.
 */
export function createHealth(deps: {
  database: Pick<Database, 'assertWritable'>;
  feed: Pick<BlacklistFeed, 'ageMs'>;
  keys: Pick<Keys, 'canSign'>;
  failover: Pick<Failover, 'isRecovering'>;
}): Health & { setReady(isReady: boolean): void } {
  let serving = false;
  async function takesWrites(): Promise<boolean> {
    try {
      await deps.database.assertWritable();
      return true;
    } catch {
      return false;
    }
  }
  return Object.freeze({
    setReady(isReady: boolean) {
      serving = isReady;
    },
    async ready() {
      const { feed, keys, failover } = deps;
      const checks = {
        serving,
        database: await takesWrites(),
        feed: feed.ageMs() < staleMs,
        keys: keys.canSign(),
        failover: !failover.isRecovering(),
      };
      return { ready: Object.values(checks).every(Boolean), isRecovering: failover.isRecovering(), checks };
    },
  });
}
