import { fail } from '@latchkey/contract';
import type { Db } from '../db/schema.ts';
import { withTransaction } from '../db/transaction.ts';
import type { AuditAction, AuditDetail } from '../domain/audit/audit.ts';
import type { Audit } from '../domain/audit/audits.ts';
import type { Backend, NewBackend } from '../domain/backend/backend.ts';
import type { Backends, IssuedCredential } from '../domain/backend/backends.ts';
import { type ParsedArguments, parseArguments, splitList } from './parse-arguments.ts';

export interface BackendCommandDeps {
  readonly backends: Backends;
  readonly audit: Pick<Audit, 'record'>;
  readonly db: Db;
}

const optionNames = ['id', 'tenant', 'scopes', 'origins'];

/**
 * What follows `backend` on the command line, done: `create <name> [--id x] [--tenant t] [--scopes a,b] [--origins a,b]`,
 * `list`, `rotate <id>`, `remove <id>`.
 *
 * @returns what is printed, as JSON
 * @throws invalid_request · not_found · identifier_taken · tenant_unknown
 */
export async function runBackendCommand(given: readonly string[], deps: BackendCommandDeps): Promise<unknown> {
  const { positionals, options } = parseArguments(given, given[0] === 'create' ? optionNames : []);
  const [verb, first, ...rest] = positionals;
  if (rest.length > 0) throw usageError();
  if (verb === 'create' && first !== undefined) return create(deps, toNewBackend(first, options));
  if (verb === 'list' && first === undefined) return deps.backends.list(deps.db);
  if (verb === 'rotate' && first !== undefined) return rotate(deps, first);
  if (verb !== 'remove' || first === undefined) throw usageError();
  return remove(deps, first);
}

function create({ backends, audit, db }: BackendCommandDeps, input: NewBackend): Promise<unknown> {
  return withTransaction(db, async ({ tx }) => {
    const made = await backends.create(tx, input);
    const { id, scopes } = made.backend;
    await audit.record(tx, entryOf('backend_created', made.backend, { made: id, scopes: scopes.join(' ') }));
    return toCredential(made);
  });
}

function rotate({ backends, audit, db }: BackendCommandDeps, id: string): Promise<unknown> {
  return withTransaction(db, async ({ tx }) => {
    const made = await backends.rotate(tx, id);
    await audit.record(tx, entryOf('backend_changed', made.backend, { changed: id, change: 'rotated' }));
    return toCredential(made);
  });
}

function remove({ backends, audit, db }: BackendCommandDeps, id: string): Promise<unknown> {
  return withTransaction(db, async ({ tx }) => {
    const removed = await backends.remove(tx, id);
    await audit.record(tx, entryOf('backend_changed', removed, { changed: id, change: 'removed' }));
    return { removed: id };
  });
}

function entryOf(action: AuditAction, { tenantId }: Pick<Backend, 'tenantId'>, detail: AuditDetail) {
  return { action, tenantId, detail: { by: 'command line', ...detail } };
}

function usageError() {
  return fail('invalid_request', { message: 'Say backend create <name>, list, rotate <id> or remove <id>.' });
}

function toNewBackend(name: string, { id, tenant, scopes, origins }: ParsedArguments['options']): NewBackend {
  const listOf = (text: string | undefined) => (text === undefined ? undefined : splitList(text));
  return { name, id, tenantId: tenant, scopes: listOf(scopes), origins: listOf(origins) };
}

/** The shape that apps read, as in `backend.json`. */
function toCredential({ backend, secret }: IssuedCredential) {
  return { backend_id: backend.id, backend_secret: secret };
}
