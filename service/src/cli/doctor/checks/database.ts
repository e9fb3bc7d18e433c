import { describeConnectionError, findCertificateRemedy } from '../../connection-error.ts';
import { describeDatabaseError } from '../../database-start-error.ts';
import { findRunningOwner } from '../../owner.ts';
import { type Finding, failed, ok, warning } from '../finding.ts';
import type { Subject } from '../subject.ts';

/** Checks that the server answers, even if it refuses the user. */
export async function checkDatabase({ config, connect }: Subject): Promise<Finding> {
  if (config.embedded) return checkEmbedded(config);
  try {
    await connect();
  } catch (error) {
    if (!isRefusedCredential(error)) return failed(describe(error), remedyOf(error));
  }
  return ok(`PostgreSQL answers at ${addressOf(config.databaseUrl!)}`);
}

/** Checks that the server accepts the user and the password of the URL. */
export async function checkCredentials({ config, connect }: Subject): Promise<Finding> {
  try {
    await connect();
  } catch (error) {
    return failed(describe(error), remedyOfCredentials(error));
  }
  return ok(`it takes the user ${parse(config.databaseUrl!).username || 'of this process'}`);
}

/** Opening the folder would write to it, so that only the running process is asked. */
async function checkEmbedded(config: Subject['config']): Promise<Finding> {
  const running = await findRunningOwner(config);
  if (running !== undefined) return ok(`a process serves the embedded database in ${config.dataDir}`);
  return warning(`no process serves the embedded database in ${config.dataDir}`, 'start the service');
}

const describe = (error: unknown) =>
  describeDatabaseError(error) ??
  `DATABASE_URL: the database cannot be used, because of an error: ${describeConnectionError(error)}`;

function remedyOfCredentials(error: unknown): string {
  if (error instanceof Error && /client certificate/.test(error.message))
    return 'name the files of a certificate for the user and of its key by sslcert and sslkey in DATABASE_URL';
  return 'correct the user and the password in DATABASE_URL; if they are right, allow the user in pg_hba.conf, or ask for TLS by ?sslmode=verify-full';
}

/** SQLSTATE class 28, or the messages of pg and of poolers that have none. */
function isRefusedCredential(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  return code.startsWith('28') || /SASL|password must be a string|authentication failed|no such user/i.test(message);
}

const certificateRemedies = {
  authority: 'name the file with the certificate of its authority by sslrootcert in DATABASE_URL',
  host: 'correct the host in DATABASE_URL to a name in the certificate of the server',
  holder: 'the database server',
};

function remedyOf(error: unknown): string {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (code === '3D000') return 'create the database, or correct its name in DATABASE_URL';
  if (code === '53300') return 'raise max_connections of PostgreSQL, or lower LATCHKEY_DATABASE_POOL_SIZE';
  const ofCertificate = findCertificateRemedy(code, certificateRemedies);
  if (ofCertificate !== undefined) return ofCertificate;
  if (/^EPROTO$|TLS|SSL/.test(code) || /SSL/.test(message)) return 'correct sslmode or sslrootcert in DATABASE_URL';
  return 'start the database, or correct host and port in DATABASE_URL; allow the connection in the firewall';
}

/** Host and port without the user, the password and the options. */
function addressOf(url: string): string {
  const { hostname, port, searchParams } = parse(url);
  return searchParams.get('host') ?? `${hostname || 'localhost'}:${port || 5_432}`;
}

/** A URL for a folder of sockets has a user and no host (`postgres://app@/db?host=/run/postgresql`), which `URL` refuses. */
function parse(url: string): URL {
  return new URL(url.replace('@/', '@localhost/'));
}
