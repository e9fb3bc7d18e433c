import type { Config } from '../config/config.ts';
import type { Database } from '../db/types.ts';
import { deleteExpiredRevocations } from '../domain/revocation/revocation-store.ts';
import type { Domain } from './create-domain.ts';
import type { Job } from './job-runner.ts';

const second = 1_000;
const minute = 60 * second;

/** The table of periodic work. */
export function createJobTable(
  domain: Domain,
  { db, assertWritable }: Pick<Database, 'db' | 'assertWritable'>,
  config: Pick<Config, 'disposalIntervalInMins'>,
): readonly Job[] {
  const disposal = config.disposalIntervalInMins * minute;
  return [
    { name: 'check that the database takes writes', everyMs: second, run: assertWritable },
    { name: 'reload signing keys', everyMs: 30 * second, run: () => domain.keys.reload() },
    { name: 'renew the lease of this server', everyMs: 5 * second, run: () => domain.presence.renew() },
    // Often enough that no minute is left out; the first node counts.
    { name: 'count live sessions', everyMs: 20 * second, run: () => domain.traffic.sample() },
    { name: 'show the secrets of this node', everyMs: 5 * minute, run: () => domain.secrets.register(db) },
    { name: 'dispose of ended sessions', everyMs: disposal, run: () => domain.sessions.deleteEnded() },
    { name: 'dispose of blacklist rows', everyMs: disposal, run: () => deleteExpiredRevocations(db) },
    { name: 'dispose of retired keys', everyMs: disposal, run: () => domain.keys.deleteRetired(db) },
    { name: 'delete retired secrets', everyMs: disposal, run: () => domain.secrets.deleteMissing(db) },
    { name: 'dispose of rate limits', everyMs: disposal, run: () => domain.limits.deleteExpired() },
    { name: 'dispose of old traffic', everyMs: disposal, run: () => domain.traffic.deleteOld() },
    { name: 'delete expired servers', everyMs: minute, run: () => domain.presence.deleteExpiredServers() },
  ];
}
