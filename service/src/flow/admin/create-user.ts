import { type AdminUser, fail } from '@latchkey/contract';
import { type Transaction, withTransaction } from '../../db/transaction.ts';
import type { Tenant } from '../../domain/tenant/tenant.ts';
import { passwordContextOf } from '../../domain/user/password-rules.ts';
import { type ImportFields, type PreparedImport, parseImportRow } from '../../domain/user/transfer/import-row.ts';
import { storeImport } from '../../domain/user/transfer/user-import.ts';
import type { User } from '../../domain/user/user.ts';
import type { FlowContext } from '../context.ts';
import { explainFailures } from '../explain-failures.ts';
import { type Actor, auditFields, canSee } from './actor.ts';
import { toUserView } from './visible-user.ts';

export interface NewUserInput {
  readonly tenantId: string;
  readonly password?: string | undefined;
  /** As in a row of an import, without a hash. */
  readonly fields: ImportFields & { readonly email: string };
}

type CreateContext = Pick<FlowContext, 'audit' | 'causes' | 'db' | 'tenants' | 'users'>;

/**
 * Creates a user. Whether the tenant lets users sign up, and with which domains, does not matter.
 *
 * @throws tenant_unknown · invalid_request · weak_password · identifier_taken · overloaded
 */
export async function createUser(
  context: CreateContext,
  actor: Actor,
  { tenantId, password, fields }: NewUserInput,
): Promise<AdminUser> {
  if (!canSee(actor, tenantId)) throw fail('tenant_unknown');
  const tenant = await context.tenants.find(context.db, tenantId);
  const row = parseImportRow(fields, { allowWeakHashes: false });
  const prepared = password === undefined ? row : { ...row, passwordHash: await hash(context, tenant, row, password) };
  const create = async ({ tx }: Transaction) => {
    const user = await insert(context, tx, tenantId, prepared);
    await context.audit.record(tx, { ...auditFields(actor), action: 'user_created', tenantId, userId: user.id });
    return user;
  };
  return toUserView(await withTransaction(context.db, create, actor.deadline));
}

function hash(
  context: Pick<FlowContext, 'causes' | 'users'>,
  tenant: Tenant,
  { email }: PreparedImport,
  password: string,
): Promise<string> {
  return explainFailures(context, { overloaded: 'passwords_overloaded' }, () =>
    context.users.hashNewPassword(password, passwordContextOf(tenant, email)),
  );
}

async function insert(
  { users }: Pick<FlowContext, 'users'>,
  tx: Transaction['tx'],
  tenantId: string,
  prepared: PreparedImport,
): Promise<User> {
  const [stored] = await storeImport(tx, tenantId, [prepared]);
  if (stored?.outcome === 'invalid') throw fail('identifier_taken', { message: stored.details[0]?.message });
  if (stored?.outcome !== 'created') throw fail('identifier_taken');
  return (await users.find(tx, stored.id))!;
}
