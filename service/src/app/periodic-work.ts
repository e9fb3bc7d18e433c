import type { Config } from '../config/config.ts';
import type { Database } from '../db/types.ts';
import { disposeBlacklist } from '../domain/blacklist/blacklist-store.ts';
import type { Job } from './jobs.ts';
import type { Rooms } from './rooms.ts';

const second = 1_000;
const minute = 60 * second;

/** The table of periodic work. */
export function periodicWork(
  rooms: Rooms,
  { db, assertWritable }: Pick<Database, 'db' | 'assertWritable'>,
  config: Pick<Config, 'disposalIntervalInMins'>,
): readonly Job[] {
  const disposal = config.disposalIntervalInMins * minute;
  return [
    { name: 'check that the database takes writes', everyMs: second, run: assertWritable },
    { name: 'reload signing keys', everyMs: 30 * second, run: () => rooms.keys.reload() },
    { name: 'renew the lease of this server', everyMs: 5 * second, run: () => rooms.presence.renew() },
    // Often enough that no minute is left out; the first node counts.
    { name: 'count live sessions', everyMs: 20 * second, run: () => rooms.traffic.sample() },
    { name: 'show the secrets of this node', everyMs: 5 * minute, run: () => rooms.secrets.register(db) },
    { name: 'dispose of ended sessions', everyMs: disposal, run: () => rooms.sessions.dispose() },
    { name: 'dispose of blacklist rows', everyMs: disposal, run: () => disposeBlacklist(db) },
    { name: 'dispose of retired keys', everyMs: disposal, run: () => rooms.keys.dispose(db) },
    { name: 'dispose of secrets that are gone', everyMs: disposal, run: () => rooms.secrets.dispose(db) },
    { name: 'dispose of rate limits', everyMs: disposal, run: () => rooms.limits.dispose() },
    { name: 'dispose of old traffic', everyMs: disposal, run: () => rooms.traffic.dispose() },
    { name: 'dispose of dead servers', everyMs: minute, run: () => rooms.presence.dispose() },
  ];
}
