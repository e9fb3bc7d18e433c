import type { Clock } from '@latchkey/core/internal';
import { createDomain } from '../bootstrap/create-domain.ts';
import { createSecretReader } from '../bootstrap/embedded-secret.ts';
import { migrateAndReport } from '../bootstrap/open-migrated-database.ts';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/env.ts';
import { createDatabase } from '../db/database.ts';
import { withTransaction } from '../db/transaction.ts';
import type { Database } from '../db/types.ts';
import type { ServiceLogger } from '../ops/logger.ts';

/** `migrate`: brings the schema to the newest step. */
export async function runMigrations(config: Config, log: ServiceLogger, clock: Clock): Promise<void> {
  await withDatabase(config, log, clock, async (database) => {
    const applied = await migrateAndReport(database, log);
    log.info({ applied }, applied.length === 0 ? 'the schema is up to date' : 'migrated');
  });
}

/** `keys rotate`: the next signing key becomes the current one; the old one verifies on until its last token has ended. */
export async function rotateKeys(config: Config, log: ServiceLogger, clock: Clock): Promise<void> {
  await withDatabase(config, log, clock, async (database) => {
    const onError = (error: unknown) => log.warn({ err: error }, 'background work');
    const readSecrets = createSecretReader(config);
    const { keys, audit, secrets } = createDomain({ config, readSecrets, database, clock, onError });
    secrets.load();
    // Before the keys start, which wraps those of the nodes anew under this secret.
    if (!config.embedded && !(await secrets.isUsedByNodes(database.db))) throw unusedSecretError();
    await keys.start();
    const { kid, rotated } = await keys.rotate(database.db, (tx, current) =>
      audit.record(tx, { action: 'keys_rotated', detail: { by: 'command line', kid: current } }),
    );
    await keys.stop();
    log.info({ kid }, rotated ? 'signing keys rotated' : 'another node has just rotated the signing keys');
  });
}

/**
 * `database restored`: for a database that a backup was restored to. Ends every session, because superseded tokens are
 * valid again, and serves the database. `--keep-sessions`: nothing is older than it was, as after `pg_upgrade`.
 */
export const serveRestored =
  ({ keepSessions }: { keepSessions: boolean }) =>
  async (config: Config, log: ServiceLogger, clock: Clock): Promise<void> => {
    await withDatabase(config, log, clock, async (database) => {
      const onError = (error: unknown) => log.warn({ err: error }, 'background work');
      const domain = createDomain({ config, readSecrets: createSecretReader(config), database, clock, onError });
      const ended = keepSessions ? 0 : await domain.sessions.endAll(database.db, () => false);
      await withTransaction(database.db, async ({ tx }) => {
        await domain.failover.serveRestored(tx);
        await domain.audit.record(tx, { action: 'database_restored', detail: { by: 'command line', ended } });
      });
      log.info({ ended }, 'the restored database is served; every node reads the revocation list anew');
    });
  };

function unusedSecretError(): ConfigError {
  return new ConfigError(
    'LATCHKEY_SECRET: no node has its newest secret, so none could sign with the keys that it would wrap. ' +
      'Set the LATCHKEY_SECRET of the nodes, or start a node with this one first.',
  );
}

/** Opens the database for one piece of work. */
export async function withDatabase<T>(
  config: Config,
  log: ServiceLogger,
  clock: Clock,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const onError = (error: Error) => log.warn({ err: error }, 'database connection');
  const database = createDatabase(config, { clock, onError, patient: true });
  try {
    await database.open();
    return await work(database);
  } finally {
    await database.close();
  }
}
