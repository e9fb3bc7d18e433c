import type { Clock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import { createEmbedded } from './embedded.ts';
import { createPostgres } from './postgres.ts';
import type { Database } from './types.ts';

type DatabaseConfig = Pick<Config, 'databaseUrl' | 'databasePoolSize' | 'dataDir'>;

/**
 * Opens PostgreSQL when a URL is given, else the embedded database in its data folder.
 *
 * @throws DataFolderInUse another live process owns the folder · DataFolderUnusable it cannot be written
 */
export async function openDatabase(
  config: DatabaseConfig,
  deps: { clock: Clock; onError: (error: Error) => void; patient?: boolean },
): Promise<Database> {
  if (config.databaseUrl === undefined) return createEmbedded({ dataDir: config.dataDir, onError: deps.onError });
  return createPostgres({ url: config.databaseUrl, poolSize: config.databasePoolSize, ...deps });
}
