import { type BackendScope, fail } from '@latchkey/contract';
import type { DatabaseClock } from '../../db/database-clock.ts';
import { type Deadline, deadlineNow } from '../../db/deadline.ts';
import type { Db } from '../../db/schema.ts';
import type { AuditDetail, AuditEntry } from '../../domain/audit/audit.ts';
import type { FlowContext } from '../context.ts';

/** Who acts: an operator, a backend with the scope `admin`, or the command line, which has neither id. */
export interface Actor {
  /** The operator's user; `null`: no operator. */
  readonly userId: string | null;
  readonly backendId: string | null;
  /** The only tenant that it sees and changes; `null`: all of them. */
  readonly tenantId: string | null;
  /** What it may hand out with a secret; `null`: everything. */
  readonly scopes: readonly BackendScope[] | null;
  readonly addressPrefix: string | null;
  /** Until when the actor's request counts. */
  readonly deadline: Deadline;
}

/** All tenants, in the name of no user. @throws unavailable the database's clock was not read yet */
export function commandLineActor(databaseClock: DatabaseClock): Actor {
  const deadline = deadlineNow(databaseClock);
  return { userId: null, backendId: null, tenantId: null, scopes: null, addressPrefix: null, deadline };
}

/** @throws unauthenticated the session has ended · forbidden its user is no operator */
export async function assertOperator(
  { operators, db }: Pick<FlowContext, 'db' | 'operators'>,
  sid: string,
): Promise<void> {
  const status = (await operators.readStatuses(db, [sid])).get(sid);
  if (status === 'ended') throw fail('unauthenticated', { detail: 'session ended' });
  if (status !== 'operator') throw operatorRequired();
}

function operatorRequired() {
  return fail('forbidden', { message: 'Only operators may do this.' });
}

/** Checks that the actor is still an operator, so that of operators who remove each other at once one stays. @throws forbidden */
export async function assertOperatorRemains(
  operators: FlowContext['operators'],
  tx: Db,
  actor: Actor,
  userId: string,
): Promise<void> {
  const activeOperators = await operators.lockForRemoval(tx, userId);
  if (actor.userId !== null && !activeOperators.includes(actor.userId)) throw operatorRequired();
}

/** The audit's columns for an action of the actor on a user. */
export function auditFields(actor: Actor, detail: AuditDetail = {}): Pick<AuditEntry, 'addressPrefix' | 'detail'> {
  return { addressPrefix: actor.addressPrefix, detail: { ...nameOf(actor), ...detail } };
}

function nameOf(actor: Actor): AuditDetail {
  if (actor.userId !== null) return { operator: actor.userId };
  return isCommandLine(actor) ? { by: 'command line' } : { backend: actor.backendId };
}

/** The command line has the settings of the nodes, so that it may do everything. */
export const isCommandLine = ({ userId, backendId }: Actor): boolean => userId === null && backendId === null;

/** Refuses a backend of one tenant for actions that concern all tenants. @throws forbidden */
export function assertAllTenants({ tenantId }: Actor): void {
  if (tenantId !== null) throw fail('forbidden', { message: 'This backend speaks for one tenant only.' });
}

/** Refuses to issue a secret with more permissions than the actor's own. @throws forbidden */
export function assertCanGrant({ scopes }: Actor, granted: readonly BackendScope[]): void {
  const more = scopes === null ? undefined : granted.find((scope) => !scopes.includes(scope));
  if (more !== undefined) throw fail('forbidden', { message: `This backend lacks the scope ${more} itself.` });
}

/** Another tenant is to a backend of one as if it were not there. */
export function canSee(actor: Actor, tenantId: string | null): boolean {
  return actor.tenantId === null || actor.tenantId === tenantId;
}

/** The tenant that a list is narrowed to. @throws tenant_unknown it is not the actor's */
export function scopeToTenant(actor: Actor, tenantId: string | undefined): string | undefined {
  if (tenantId !== undefined && !canSee(actor, tenantId)) throw fail('tenant_unknown');
  return tenantId ?? actor.tenantId ?? undefined;
}
