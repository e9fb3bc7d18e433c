import pg from 'pg';
import { type Postgres, servePostgres } from './postgres.ts';
import { copyAsStandby } from './postgres-files.ts';

/** A streaming replica. */
export interface Standby extends Postgres {
  /** Makes it a primary of its own; resolves once it takes writes. */
  promote(): Promise<void>;
}

/**
 * Starts a streaming replica of `primary`, which is restarted for a copy of its files. `through`: the port by which the
 * replica reaches the primary, for a proxy between them.
 *
 * @example
 * const standby = await startStandby(primary, { through: proxy.port });
 */
export async function startStandby(primary: Postgres, { through }: { through: number }): Promise<Standby> {
  const { password } = new URL(primary.url);
  await primary.halt('fast');
  const files = copyAsStandby(primary.folder);
  await primary.start();
  const conninfo = `host=127.0.0.1 port=${through} user=latchkey password=${password} application_name=standby`;
  const server = await servePostgres(files, password, [
    `primary_conninfo=${conninfo} connect_timeout=2`,
    'wal_retrieve_retry_interval=500ms',
  ]);
  return Object.freeze<Standby>({
    ...server,
    async promote() {
      const client = new pg.Client({ connectionString: server.url });
      await client.connect();
      await client.query('SELECT pg_promote()').finally(() => client.end());
    },
  });
}
