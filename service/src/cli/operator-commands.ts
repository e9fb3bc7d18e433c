import { fail } from '@latchkey/contract';
import type { Db } from '../db/schema.ts';
import { withTransaction } from '../db/transaction.ts';
import type { Audit } from '../domain/audit/audits.ts';
import type { Operators } from '../domain/operator/operators.ts';
import type { User } from '../domain/user/user.ts';
import type { UserDirectory } from '../domain/user/user-directory.ts';
import { parseArguments } from './parse-arguments.ts';
import { readAllPages } from './verb-table.ts';

export interface OperatorCommandDeps {
  readonly users: UserDirectory;
  readonly operators: Pick<Operators, 'setOperator'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly db: Db;
}

const defaultTenant = 'default';

/**
 * What follows `operator` on the command line, done: `add <email> [--tenant t]`, `remove <email> [--tenant t]`, `list`.
 *
 * @returns what is printed, as JSON
 * @throws invalid_request · not_found
 */
export async function runOperatorCommand(given: readonly string[], deps: OperatorCommandDeps): Promise<unknown> {
  const { positionals, options } = parseArguments(given, given[0] === 'list' ? [] : ['tenant']);
  const [verb, email, ...rest] = positionals;
  if (verb === 'list' && email === undefined) return listOperators(deps);
  if ((verb !== 'add' && verb !== 'remove') || email === undefined || rest.length > 0) throw usageError();
  return mark(deps, { email, tenantId: options.tenant ?? defaultTenant, operator: verb === 'add' });
}

function usageError() {
  return fail('invalid_request', { message: 'Say operator add <email>, remove <email> or list.' });
}

async function mark(
  { users, operators, audit, db }: OperatorCommandDeps,
  { email, tenantId, operator }: { email: string; tenantId: string; operator: boolean },
): Promise<unknown> {
  const user = await users.findByEmail(db, tenantId, email);
  if (user === undefined)
    throw fail('not_found', { message: 'No user with this address is registered in this tenant.' });
  await withTransaction(db, async ({ tx }) => {
    await operators.setOperator(tx, user.id, operator);
    const action = operator ? ('operator_added' as const) : ('operator_removed' as const);
    await audit.record(tx, { action, tenantId, userId: user.id, detail: { by: 'command line' } });
  });
  return toPrinted({ ...user, operator });
}

async function listOperators({ users, db }: OperatorCommandDeps): Promise<unknown> {
  const found = await readAllPages((cursor) => users.list(db, { operator: true, limit: 100, cursor }));
  return found.map(toPrinted);
}

function toPrinted({ id, email, tenantId, operator }: User) {
  return { id, email, tenant_id: tenantId, operator };
}
