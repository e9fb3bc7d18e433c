import { checkClock } from './checks/clock.ts';
import { checkConnections } from './checks/connections.ts';
import { checkDataFolder } from './checks/data-folder.ts';
import { checkCredentials, checkDatabase } from './checks/database.ts';
import { checkMail, skipMail } from './checks/mail.ts';
import { checkHost, checkProxy } from './checks/proxy.ts';
import { checkPublicUrl, checkReadiness } from './checks/public-url.ts';
import { checkSecret } from './checks/secret.ts';
import { checkMigrations, checkPooler, checkPrimary } from './checks/server.ts';
import { checkWebSocket } from './checks/websocket.ts';
import type { Check } from './run-checks.ts';
import type { Subject } from './subject.ts';

const ifEmbedded = ({ config }: Subject) => (config.embedded ? 'the database is embedded' : undefined);
const ifPostgres = ({ config }: Subject) => (config.embedded ? undefined : 'the database is PostgreSQL');
const ofPostgres = { skip: ifEmbedded, needs: ['credentials'] };

/** Every check, in its order. docs/run/doctor.md has a row for each. */
export const checks: readonly Check<Subject>[] = [
  { name: 'data_folder', skip: ifPostgres, run: checkDataFolder },
  { name: 'database', needs: ['data_folder'], run: checkDatabase },
  { name: 'credentials', skip: ifEmbedded, needs: ['database'], run: checkCredentials },
  { name: 'primary', ...ofPostgres, run: checkPrimary },
  { name: 'pooler', ...ofPostgres, run: checkPooler },
  { name: 'migrations', ...ofPostgres, run: checkMigrations },
  { name: 'clock', ...ofPostgres, run: checkClock },
  { name: 'connections', ...ofPostgres, needs: ['migrations'], run: checkConnections },
  { name: 'public_url', run: checkPublicUrl },
  { name: 'readiness', needs: ['public_url'], run: checkReadiness },
  { name: 'secret', needs: ['migrations'], run: checkSecret },
  { name: 'host', needs: ['public_url'], run: checkHost },
  { name: 'proxy', needs: ['public_url'], run: checkProxy },
  { name: 'websocket', needs: ['public_url'], run: checkWebSocket },
  { name: 'mail', skip: skipMail, run: checkMail },
];
