import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { sharedPostgres } from '../../test/harness/shared-postgres.ts';
import { createSystemClock } from '../src/base/clock.ts';
import type { Database } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { createPostgres } from '../src/db/postgres.ts';
import { appendDead, keepSeconds } from '../src/domain/blacklist/blacklist.ts';
import { createKeys } from '../src/domain/key/keys.ts';
import { createSecrets } from '../src/domain/secret/secrets.ts';
import { createTokens, type Tokens } from '../src/domain/token/tokens.ts';

/** The token room as the service builds it, on a migrated Postgres of its own. */
export interface TokenRoom {
  readonly database: Database;
  readonly url: string;
  readonly tokens: Tokens;
  readonly publicKey: () => import('node:crypto').KeyObject;
  close(): Promise<void>;
}

export const issuer = 'https://id.example';
const life = 300;

export async function openTokenRoom(): Promise<TokenRoom> {
  const server = await sharedPostgres();
  const url = await server.createDatabase();
  const clock = createSystemClock();
  const database = createPostgres({ url, poolSize: 10, clock, onError: () => {} });
  await migrate(database);
  const secrets = createSecrets([randomBytes(32).toString('hex')], { clock });
  const wrap = { currentKid: secrets.currentKid, key: (kid: string) => secrets.key('key-wrap', kid) };
  const keys = createKeys({ db: database.db, wrap, clock, overlapSeconds: 2 * life });
  await keys.start();
  const options = { issuer, audience: issuer, expiresInSeconds: life, appendDead, keepSeconds: keepSeconds(life) };
  const tokens = createTokens({
    db: database.db,
    clock,
    secrets,
    keys,
    options: { ...options, batchSize: 256, batchLanes: 4 },
  });
  return {
    database,
    url,
    tokens,
    publicKey: () => keys.publicKey(keys.current().kid)!,
    async close() {
      keys.stop();
      await database.close();
      await server.dropDatabase(url);
    },
  };
}

/** Fresh statistics, and nothing dead lying about: every sample begins alike. */
export async function settle({ db }: Database, table: string): Promise<void> {
  await sql`VACUUM ANALYZE ${sql.table(table)}`.execute(db);
  await sql`CHECKPOINT`.execute(db);
}
