import { fail, uuidPattern } from '@latchkey/contract';
import type { DatabaseClock } from '../db/database-clock.ts';
import { listMigrations } from '../db/migrate.ts';
import type { Db } from '../db/schema.ts';
import { withTransaction } from '../db/transaction.ts';
import type { Audit } from '../domain/audit/audits.ts';
import type { NewBackend } from '../domain/backend/backend.ts';
import type { Failover } from '../domain/failover/failovers.ts';
import type { InvitationQuery } from '../domain/invitation/invitation.ts';
import type { Operators } from '../domain/operator/operators.ts';
import type { PageRequest } from '../domain/pagination.ts';
import type { Sessions } from '../domain/session/sessions.ts';
import type { NewTenant, TenantUpdate } from '../domain/tenant/tenant.ts';
import { type ExportPage, type ExportRequest, exportUsers } from '../domain/user/transfer/user-export.ts';
import { type ImportChunk, importUsers } from '../domain/user/transfer/user-import.ts';
import type { UserQuery } from '../domain/user/user-list-store.ts';
import type { Users } from '../domain/user/users.ts';
import type { Actor } from '../flow/admin/actor.ts';
import type { NewUserInput } from '../flow/admin/create-user.ts';
import type { InvitationRequest } from '../flow/admin/invitations.ts';
import type { AuditLogFilter } from '../flow/admin/overview.ts';
import type { SessionFilter } from '../flow/admin/sessions.ts';
import type { UserUpdate } from '../flow/admin/update-user.ts';
import { bind } from '../flow/bind.ts';
import type { AdminFlows } from '../flow/flows.ts';
import type { SendTestMail } from '../mail/test-mail.ts';

/** What the calls need, in a node and without one. */
export interface OwnerDeps {
  readonly admin: AdminFlows;
  /** The command line, with a deadline that begins now. */
  readonly actor: () => Actor;
  readonly databaseClock: Pick<DatabaseClock, 'earliest'>;
  readonly db: Db;
  readonly audit: Audit;
  readonly failover: Pick<Failover, 'serveRestored'>;
  readonly operators: Pick<Operators, 'setOperator'>;
  readonly sessions: Pick<Sessions, 'endAll'>;
  readonly users: Pick<Users, 'findByEmail' | 'lock'>;
  readonly sendTestMail: SendTestMail;
  /** Loads the signing keys where no node has loaded them. */
  readonly startKeys: () => Promise<void>;
}

type Deps<Name extends keyof OwnerDeps> = Pick<OwnerDeps, Name>;
type AdminDeps = Deps<'admin' | 'actor'>;

/** A filter of the audit as it crosses the control socket: times in ISO 8601. */
type AuditFilter = Omit<AuditLogFilter, 'from' | 'to'> & {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

const byCommand = { by: 'command line' };
const toDate = (text: string | undefined) => (text === undefined ? undefined : new Date(text));

/**
 * What commands do to the database. Each is one call of the process that owns it. Input and answer are JSON.
 *
 * They do what `/admin` does, for all tenants, and are in the audit with `by: command line`.
 */
const ownerCalls = {
  /** Does nothing: a process that owns the database runs. */
  ping: async () => true,

  listUsers: ({ admin, actor }: AdminDeps, filter: UserQuery) => admin.listUsers(actor(), filter),
  findUser: ({ admin, actor }: AdminDeps, id: string) => admin.findUser(actor(), id),
  /** The id of a user who is named by an id or an address. @throws not_found */
  findUserId: async ({ users, db }: Deps<'users' | 'db'>, input: { idOrEmail: string; tenantId: string }) => {
    if (uuidPattern.test(input.idOrEmail)) return input.idOrEmail.toLowerCase();
    const user = await users.findByEmail(db, input.tenantId, input.idOrEmail);
    if (user !== undefined) return user.id;
    throw fail('not_found', { message: 'No user with this address is registered in this tenant.' });
  },
  createUser: ({ admin, actor }: AdminDeps, input: NewUserInput) => admin.createUser(actor(), input),
  updateUser: ({ admin, actor }: AdminDeps, { id, update }: { id: string; update: UserUpdate }) =>
    admin.updateUser(actor(), id, update),
  mailPasswordReset: ({ admin, actor }: AdminDeps, id: string) => admin.mailPasswordReset(actor(), id),
  deleteUser: ({ admin, actor }: AdminDeps, id: string) => admin.deleteUser(actor(), id),
  endUserSessions: ({ admin, actor }: AdminDeps, id: string) => admin.endUserSessions(actor(), id),

  /** Unlike `updateUser` it can remove the last operator. @throws not_found */
  setOperator: async (
    { admin, actor, operators, users, audit, db }: AdminDeps & Deps<'operators' | 'users' | 'audit' | 'db'>,
    { id, operator }: { id: string; operator: boolean },
  ) => {
    const { tenant_id: tenantId } = await admin.findUser(actor(), id);
    await withTransaction(db, async ({ tx }) => {
      const before = await users.lock(tx, id);
      if (before.operator === operator) return;
      await operators.setOperator(tx, id, operator);
      const action = operator ? ('operator_added' as const) : ('operator_removed' as const);
      await audit.record(tx, { action, tenantId, userId: id, detail: byCommand });
    });
    return admin.findUser(actor(), id);
  },

  listTenants: ({ admin, actor }: AdminDeps, page: PageRequest) => admin.listTenants(actor(), page),
  findTenant: ({ admin, actor }: AdminDeps, id: string) => admin.findTenant(actor(), id),
  createTenant: ({ admin, actor }: AdminDeps, input: NewTenant) => admin.createTenant(actor(), input),
  updateTenant: ({ admin, actor }: AdminDeps, { id, update }: { id: string; update: TenantUpdate }) =>
    admin.updateTenant(actor(), id, update),
  endTenantSessions: ({ admin, actor }: AdminDeps, id: string) => admin.endTenantSessions(actor(), id),
  deleteTenant: ({ admin, actor }: AdminDeps, id: string) => admin.deleteTenant(actor(), id),

  listSessions: ({ admin, actor }: AdminDeps, filter: SessionFilter) => admin.listSessions(actor(), filter),
  findSession: ({ admin, actor }: AdminDeps, id: string) => admin.findSession(actor(), id),
  endSession: ({ admin, actor }: AdminDeps, id: string) => admin.endSession(actor(), id),

  listInvitations: ({ admin, actor }: AdminDeps, filter: InvitationQuery) => admin.listInvitations(actor(), filter),
  createInvitation: ({ admin, actor }: AdminDeps, input: InvitationRequest) => admin.createInvitation(actor(), input),
  revokeInvitation: ({ admin, actor }: AdminDeps, id: string) => admin.revokeInvitation(actor(), id),

  listBackends: ({ admin, actor }: AdminDeps, page: PageRequest) => admin.listBackends(actor(), page),
  createBackend: ({ admin, actor }: AdminDeps, input: NewBackend) => admin.createBackend(actor(), input),
  rotateBackend: ({ admin, actor }: AdminDeps, id: string) => admin.rotateBackend(actor(), id),
  removeBackend: ({ admin, actor }: AdminDeps, id: string) => admin.removeBackend(actor(), id),

  listKeys: ({ admin, actor }: AdminDeps) => admin.listKeys(actor()),
  rotateKeys: async ({ admin, actor, startKeys }: AdminDeps & Deps<'startKeys'>) => {
    await startKeys();
    return admin.rotateKeys(actor());
  },

  listAudit: ({ admin, actor }: AdminDeps, { from, to, ...filter }: AuditFilter) =>
    admin.listAudit(actor(), { ...filter, from: toDate(from), to: toDate(to) }),

  /** Deletes the entries from before a time (ISO 8601). @throws invalid_request it is within the last seven days */
  pruneAudit: async ({ audit, databaseClock, db }: Deps<'audit' | 'databaseClock' | 'db'>, before: string) => {
    const until = new Date(before);
    return { deleted: await audit.prune(db, { until, ...byCommand, now: databaseClock.earliest() }) };
  },

  sendTestMail: ({ sendTestMail }: Deps<'sendTestMail'>, address: string) => sendTestMail(address),

  listMigrations: ({ db }: Deps<'db'>) => listMigrations(db),
  /** Ends every session, unless `keepSessions`, and serves the database that a backup was restored to. */
  serveRestored: async (
    { sessions, failover, audit, db }: Deps<'sessions' | 'failover' | 'audit' | 'db'>,
    { keepSessions }: { keepSessions: boolean },
  ) => {
    const ended = keepSessions ? 0 : await sessions.endAll(db, () => false);
    await withTransaction(db, async ({ tx }) => {
      await failover.serveRestored(tx);
      await audit.record(tx, { action: 'database_restored', detail: { ...byCommand, ended } });
    });
    return { ended };
  },

  importChunk: ({ db, audit }: Deps<'db' | 'audit'>, chunk: ImportChunk) =>
    importUsers({ db, audit }, chunk, { detail: byCommand }),
  beginExport: ({ db, audit }: Deps<'db' | 'audit'>, { tenantId, secrets }: { tenantId: string; secrets: boolean }) =>
    withTransaction(db, ({ tx }) =>
      audit.record(tx, { action: 'users_exported', tenantId, detail: { ...byCommand, secrets } }),
    ),
  exportPage: ({ db }: Deps<'db'>, request: ExportRequest): Promise<ExportPage> => exportUsers(db, request),
} as const;

export type OwnerCalls = ReturnType<typeof createOwnerCalls>;

/** Names of the calls. */
export const ownerCallNames = Object.keys(ownerCalls);

/** The calls on a database that this process owns. */
export const createOwnerCalls = (deps: OwnerDeps) => bind(deps, ownerCalls);

/** Runs a call that came over the control socket. @throws invalid_request its name is unknown · what the call throws */
export async function runOwnerCall(deps: OwnerDeps, name: string, input: unknown): Promise<unknown> {
  if (!ownerCallNames.includes(name))
    throw fail('invalid_request', { message: 'The running service is of another version than the command.' });
  const call: (input: never) => Promise<unknown> = createOwnerCalls(deps)[name as keyof OwnerCalls];
  return (await call(input as never)) ?? null;
}
