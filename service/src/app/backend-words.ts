import { fail } from '@latchkey/contract';
import type { Db } from '../db/schema.ts';
import type { NewBackend } from '../domain/backend/backend.ts';
import type { Backends, Credential } from '../domain/backend/backends.ts';

const options = { '--id': 'id', '--tenant': 'tenantId', '--scopes': 'scopes', '--origins': 'origins' } as const;
const lists: ReadonlySet<string> = new Set(['--scopes', '--origins']);

/**
 * What follows `backend` on the command line, done: `create <name> [--id x] [--tenant t] [--scopes a,b] [--origins a,b]`,
 * `list`, `rotate <id>`, `remove <id>`.
 *
 * @returns what is printed, as JSON
 * @throws invalid_request · not_found · identifier_taken · tenant_unknown
 */
export async function runBackendWords(
  words: readonly string[],
  { backends, db }: { backends: Backends; db: Db },
): Promise<unknown> {
  const [verb, first, ...rest] = words;
  if (verb === 'create' && first !== undefined) return toCredential(await backends.create(db, parseNew(first, rest)));
  if (rest.length > 0) throw unclear();
  if (verb === 'list' && first === undefined) return backends.list(db);
  if (verb === 'rotate' && first !== undefined) return toCredential(await backends.rotate(db, first));
  if (verb !== 'remove' || first === undefined) throw unclear();
  await backends.remove(db, first);
  return { removed: first };
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
