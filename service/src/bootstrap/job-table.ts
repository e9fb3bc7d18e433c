import type { Config } from '../config/config.ts';
import type { Database } from '../db/types.ts';
import { deleteExpiredRevocations } from '../domain/revocation/revocation-store.ts';
import type { Tokens } from '../domain/token/tokens.ts';
import { pruneAuditOnSchedule } from './audit-schedule.ts';
import type { Domain } from './create-domain.ts';
import type { Job } from './job-runner.ts';
import { rotateKeysOnSchedule } from './key-schedule.ts';

const second = 1_000;
const minute = 60 * second;

/** The table of periodic work. */
export function createJobTable(
  domain: Domain,
  { db, assertWritable }: Pick<Database, 'db' | 'assertWritable'>,
  config: Pick<Config, 'auditRetentionInDays' | 'disposalIntervalInMins' | 'keyRotationInDays'>,
): readonly Job[] {
  const disposal = config.disposalIntervalInMins * minute;
  return [
    { name: 'check that the database takes writes', everyMs: second, run: assertWritable },
    { name: 'reload signing keys', everyMs: 30 * second, run: () => domain.keys.reload() },
    { name: 'rotate signing keys', everyMs: 10 * minute, run: rotateKeysOnSchedule(domain, db, config) },
    { name: 'prune the audit', everyMs: 60 * minute, run: pruneAuditOnSchedule(domain, db, config) },
    { name: 'renew the lease of this server', everyMs: 5 * second, run: () => domain.presence.renew() },
    // Often enough to count in each minute. The first node of a minute counts.
    { name: 'count live sessions', everyMs: 20 * second, run: () => domain.traffic.sample() },
    { name: 'show the secrets of this node', everyMs: 5 * minute, run: () => domain.secrets.register(db) },
    { name: 'dispose of ended sessions', everyMs: disposal, run: () => domain.sessions.deleteEnded() },
    { name: 'dispose of blacklist rows', everyMs: disposal, run: () => deleteExpiredRevocations(db) },
    { name: 'dispose of retired keys', everyMs: disposal, run: () => domain.keys.deleteRetired(db) },
    { name: 'delete retired secrets', everyMs: disposal, run: () => domain.secrets.deleteMissing(db) },
    { name: 'delete ended one-time tokens', everyMs: disposal, run: () => domain.oneTimeTokens.deleteEnded(db) },
    { name: 'delete ended invitations', everyMs: disposal, run: () => domain.invitations.deleteEnded(db) },
    { name: 'delete unused browsers', everyMs: disposal, run: () => domain.notices.deleteUnused(db) },
    { name: 'count waiting mails', everyMs: 15 * second, run: () => domain.mailOutbox.countWaiting(db) },
    { name: 'delete old mails', everyMs: disposal, run: () => domain.mailOutbox.deleteOld(db) },
    { name: 'dispose of rate limits', everyMs: disposal, run: () => domain.limits.deleteExpired() },
    { name: 'dispose of old traffic', everyMs: disposal, run: () => domain.traffic.deleteOld() },
    { name: 'delete expired servers', everyMs: minute, run: () => domain.presence.deleteExpiredServers() },
  ];
}

/** The share of presentations that may be late without a log line. */
const maxLateShare = 0.01;

/** One line for each minute in which more than 1 % of the presentations at this node came after their deadline. */
export function lateReport(
  tokens: Pick<Tokens, 'takeLateness'>,
  log: { warn(fields: object, message: string): void },
): Job {
  return {
    name: 'report late presentations',
    everyMs: 60_000,
    async run() {
      const { presented, late } = tokens.takeLateness();
      if (late <= presented * maxLateShare) return;
      log.warn(
        { late, presented },
        'presentations of session tokens were carried out more than 5 s after they were asked for, and answered busy; check the load of the database and of this node',
      );
    },
  };
}
