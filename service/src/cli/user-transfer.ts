import { fail } from '@latchkey/contract';
import type { Clock } from '@latchkey/core/internal';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/env.ts';
import type { Db } from '../db/schema.ts';
import { withTransaction } from '../db/transaction.ts';
import { type Audit, createAudit } from '../domain/audit/audits.ts';
import { createTenants } from '../domain/tenant/tenants.ts';
import { type ExportPage, type ExportRequest, exportUsers } from '../domain/user/transfer/user-export.ts';
import {
  type ImportChunk,
  type ImportOutcome,
  importUsers,
  maxImportRows,
} from '../domain/user/transfer/user-import.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import { withDatabase } from './commands.ts';
import { callControlSocket, controlSocketPath } from './control-socket.ts';

interface TransferDeps {
  readonly audit: Pick<Audit, 'record'>;
  readonly db: Db;
}

/** The pieces of an import or an export. Each is one call of the database, or of the process that owns it. */
interface TransferCalls {
  importChunk(chunk: ImportChunk): Promise<readonly ImportOutcome[]>;
  /** @throws tenant_unknown */
  beginExport(options: { readonly tenantId: string; readonly secrets: boolean }): Promise<void>;
  /** @throws tenant_unknown */
  findTenant(id: string): Promise<unknown>;
  exportPage(page: ExportRequest): Promise<ExportPage>;
}

const byCommand = { by: 'command line' };

function createCalls({ db, audit }: TransferDeps): TransferCalls {
  return {
    importChunk: (chunk) => importUsers({ db, audit }, chunk, { detail: byCommand }),
    findTenant: (id) => createTenants().find(db, id),
    beginExport: ({ tenantId, secrets }) =>
      withTransaction(db, ({ tx }) =>
        audit.record(tx, { action: 'users_exported', tenantId, detail: { ...byCommand, secrets } }),
      ),
    exportPage: (page) => exportUsers(db, page),
  };
}

/** A piece that the command line sent over the control socket, done. `ping` does nothing. */
export async function runTransfer(
  [name = '', input = 'null']: readonly string[],
  deps: TransferDeps,
): Promise<unknown> {
  if (name === 'ping') return true;
  const calls = createCalls(deps);
  if (!Object.hasOwn(calls, name)) throw fail('invalid_request');
  const run: (given: never) => Promise<unknown> = calls[name as keyof TransferCalls];
  return (await run(JSON.parse(input) as never)) ?? null;
}

/** Where the users are. */
export interface TransferTarget extends TransferCalls {
  /** The most rows of one piece: the process that owns an embedded database serves sockets in between. */
  readonly maxRows: number;
}

const maxRowsOfOwner = 50;

/**
 * Runs `work` on the database: PostgreSQL directly, an embedded one through the running process, or when none runs, as the
 * owner of the folder.
 */
export async function withTransferTarget(
  config: Config,
  log: ServiceLogger,
  clock: Clock,
  work: (target: TransferTarget) => Promise<void>,
): Promise<void> {
  const path = controlSocketPath(config);
  const isServed = config.embedded && (await callControlSocket(path, ['transfer', 'ping']))?.ok === true;
  if (isServed) return work({ maxRows: maxRowsOfOwner, ...createOwnerCalls(path) });
  return withDatabase(config, log, clock, ({ db }) =>
    work({ maxRows: maxImportRows, ...createCalls({ db, audit: createAudit() }) }),
  );
}

function createOwnerCalls(path: string): TransferCalls {
  async function call<Result>(name: keyof TransferCalls, input: unknown): Promise<Result> {
    const answer = await callControlSocket(path, ['transfer', name, JSON.stringify(input)]);
    if (answer === undefined) throw new ConfigError('The service that owns the data folder has ended.');
    if (!answer.ok) throw new ConfigError(answer.error.message);
    return answer.data as Result;
  }
  return {
    importChunk: (chunk) => call('importChunk', chunk),
    findTenant: (id) => call('findTenant', id),
    beginExport: (options) => call('beginExport', options),
    exportPage: (page) => call('exportPage', page),
  };
}
