import type { Clock } from '@latchkey/core/internal';
import type { Config } from '../config/config.ts';
import { createEmbeddedDatabase } from './embedded.ts';
import { createPostgresDatabase } from './postgres.ts';
import type { Database } from './types.ts';

type DatabaseConfig = Pick<Config, 'databaseUrl' | 'databasePoolSize' | 'dataDir'>;

/** PostgreSQL when a URL is given, else the embedded database in its data folder. Nothing is read or written before `open`. */
export function createDatabase(
  config: DatabaseConfig,
  deps: { clock: Clock; onError: (error: Error) => void; patient?: boolean },
): Database {
  if (config.databaseUrl === undefined)
    return createEmbeddedDatabase({ dataDir: config.dataDir, onError: deps.onError });
  return createPostgresDatabase({ url: config.databaseUrl, poolSize: config.databasePoolSize, ...deps });
}
