import { type Inspection, openInspection, readBackendPid, readServerRole } from '../../../db/inspection.ts';
import { listNewerMigrations, nameSome, pendingMigrations } from '../../../db/migrate.ts';
import { type Finding, failed, ok, warning } from '../finding.ts';
import type { Subject } from '../subject.ts';

/** The server is the primary, which takes writes. */
export async function checkPrimary({ connect }: Subject): Promise<Finding> {
  const { isStandby, isReadOnly } = await readServerRole((await connect()).db);
  if (isStandby)
    return failed(
      'the server is a standby, which takes no writes',
      'point DATABASE_URL to the primary, or to an address that follows it after a failover',
    );
  if (isReadOnly)
    return failed(
      'the server is read-only',
      'set default_transaction_read_only of the server, the database and the user to off',
    );
  return ok('the server takes writes');
}

const poolerRemedy =
  'connect to PostgreSQL without the pooler, or set pool_mode = session for this database: LISTEN and advisory locks need a connection of their own';

/** Connections that are read alternately. A pooler in transaction mode shows itself in the first round, unless it is busy. */
const rounds = 5;

/**
 * A connection keeps its server process. Behind a pooler in transaction mode two open connections share one, or a
 * connection changes it. A pooler may also refuse the parameters that connections of nodes have.
 */
export async function checkPooler({ config, connect }: Subject): Promise<Finding> {
  const [first, second] = [await connect(), await openInspection(config.databaseUrl!)];
  try {
    if (await isShared(first, second)) return failed('a pooler in transaction mode is in front of it', poolerRemedy);
  } finally {
    await second.close();
  }
  const refused = await findRefusedParameter(config.databaseUrl!);
  if (refused === undefined) return ok('each connection keeps its server process');
  return failed(
    `a pooler refuses the parameter ${refused}, which limits statements of a node`,
    `set ignore_startup_parameters = ${refused} at the pooler, and the parameter itself by ALTER ROLE; or connect to PostgreSQL without the pooler`,
  );
}

async function isShared(first: Inspection, second: Inspection): Promise<boolean> {
  const kept = await readBackendPid(first.db);
  for (let round = 0; round < rounds; round++)
    if ((await readBackendPid(second.db)) === kept || (await readBackendPid(first.db)) !== kept) return true;
  return false;
}

/** The names of the parameters that were refused, separated by commas. @throws an error of pg or of the network */
async function findRefusedParameter(url: string): Promise<string | undefined> {
  try {
    await (await openInspection(url, { asNode: true })).close();
    return undefined;
  } catch (error) {
    const name = /unsupported startup parameter: (\w+)/.exec(String(error))?.[1];
    if (name === undefined) throw error;
    return name;
  }
}

/** No migration of this version is pending, and no newer version has applied one. */
export async function checkMigrations({ connect }: Subject): Promise<Finding> {
  const database = await connect();
  const pending = await pendingMigrations(database);
  if (pending.length > 0)
    return failed(
      `the database lacks ${nameSome(pending)}`,
      'run "latchkey migrate" with this version, then start nodes',
    );
  const newer = await listNewerMigrations(database);
  if (newer.length > 0)
    return warning(`a newer version has applied ${nameSome(newer)}`, 'run "latchkey" with the version of the nodes');
  return ok('the schema is the one of this version');
}
