import type { Config } from '../config/config.ts';
import type { Db } from '../db/schema.ts';
import type { Domain } from './create-domain.ts';

const dayMs = 86_400_000;

/** Deletes the entries of the audit that are older than the setting says, by the clock of the database. */
export const pruneAuditOnSchedule =
  (
    { audit, databaseClock }: Pick<Domain, 'audit' | 'databaseClock'>,
    db: Db,
    { auditRetentionInDays }: Pick<Config, 'auditRetentionInDays'>,
  ) =>
  async (): Promise<void> => {
    if (auditRetentionInDays === undefined) return;
    const now = databaseClock.earliest();
    await audit.prune(db, { until: new Date(now - auditRetentionInDays * dayMs), by: 'schedule', now });
  };
