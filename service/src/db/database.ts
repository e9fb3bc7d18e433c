import type { Clock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import { createEmbeddedDatabase } from './embedded.ts';
import { createPostgresDatabase } from './postgres.ts';
import type { Database } from './types.ts';

type DatabaseConfig = Pick<Config, 'databaseUrl' | 'databasePoolSize' | 'dataDir'>;

/**
 * Opens PostgreSQL when a URL is given, else the embedded database in its data folder.
 *
 * @throws DataDirInUseError another live process owns the folder · DataDirUnusableError it cannot be written
 */
export async function openDatabase(
  config: DatabaseConfig,
  deps: { clock: Clock; onError: (error: Error) => void; patient?: boolean },
): Promise<Database> {
  if (config.databaseUrl === undefined)
    return createEmbeddedDatabase({ dataDir: config.dataDir, onError: deps.onError });
  return createPostgresDatabase({ url: config.databaseUrl, poolSize: config.databasePoolSize, ...deps });
}
