import { fail } from '@latchkey/contract';
import type { Db } from '../db/schema.ts';
import { transact } from '../db/transaction.ts';
import type { AuditAction, AuditDetail } from '../domain/audit/audit.ts';
import type { Audit } from '../domain/audit/audits.ts';
import type { Backend, NewBackend } from '../domain/backend/backend.ts';
import type { Backends, Credential } from '../domain/backend/backends.ts';

export interface BackendRooms {
  readonly backends: Backends;
  readonly audit: Pick<Audit, 'record'>;
  readonly db: Db;
}

const options = { '--id': 'id', '--tenant': 'tenantId', '--scopes': 'scopes', '--origins': 'origins' } as const;
const lists: ReadonlySet<string> = new Set(['--scopes', '--origins']);

/**
 * What follows `backend` on the command line, done: `create <name> [--id x] [--tenant t] [--scopes a,b] [--origins a,b]`,
 * `list`, `rotate <id>`, `remove <id>`.
 *
 * @returns what is printed, as JSON
 * @throws invalid_request · not_found · identifier_taken · tenant_unknown
 */
export async function runBackendWords(words: readonly string[], rooms: BackendRooms): Promise<unknown> {
  const [verb, first, ...rest] = words;
  if (verb === 'create' && first !== undefined) return create(rooms, parseNew(first, rest));
  if (rest.length > 0) throw unclear();
  if (verb === 'list' && first === undefined) return rooms.backends.list(rooms.db);
  if (verb === 'rotate' && first !== undefined) return rotate(rooms, first);
  if (verb !== 'remove' || first === undefined) throw unclear();
  return remove(rooms, first);
}

function create({ backends, audit, db }: BackendRooms, wanted: NewBackend): Promise<unknown> {
  return transact(db, async ({ tx }) => {
    const made = await backends.create(tx, wanted);
    const { id, scopes } = made.backend;
    await audit.record(tx, entryOf('backend_created', made.backend, { made: id, scopes: scopes.join(' ') }));
    return toCredential(made);
  });
}

function rotate({ backends, audit, db }: BackendRooms, id: string): Promise<unknown> {
  return transact(db, async ({ tx }) => {
    const made = await backends.rotate(tx, id);
    await audit.record(tx, entryOf('backend_changed', made.backend, { changed: id, change: 'rotated' }));
    return toCredential(made);
  });
}

function remove({ backends, audit, db }: BackendRooms, id: string): Promise<unknown> {
  return transact(db, async ({ tx }) => {
    const removed = await backends.remove(tx, id);
    await audit.record(tx, entryOf('backend_changed', removed, { changed: id, change: 'removed' }));
    return { removed: id };
  });
}

function entryOf(action: AuditAction, { tenantId }: Pick<Backend, 'tenantId'>, detail: AuditDetail) {
  return { action, tenantId, detail: { by: 'command line', ...detail } };
}

function unclear() {
  return fail('invalid_request', { message: 'Say backend create <name>, list, rotate <id> or remove <id>.' });
}

function parseNew(name: string, rest: readonly string[]): NewBackend {
  const wanted: Record<string, unknown> = { name };
  if (name.startsWith('--') || rest.length % 2 === 1) throw unclear();
  for (let i = 0; i < rest.length; i += 2) {
    const [option, value] = [rest[i]!, rest[i + 1]!];
    if (!Object.hasOwn(options, option)) throw fail('invalid_request', { message: `There is no option ${option}.` });
    wanted[options[option as keyof typeof options]] = lists.has(option) ? value.split(',') : value;
  }
  return wanted as unknown as NewBackend;
}

/** The shape that apps read, as in `backend.json`. */
function toCredential({ backend, secret }: Credential) {
  return { backend_id: backend.id, backend_secret: secret };
}
