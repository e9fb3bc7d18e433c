import { fail } from '@latchkey/contract';
import { type Deadline, deadlineNow } from '../db/deadline.ts';
import type { Db } from '../db/schema.ts';
import { type Transaction, withTransaction } from '../db/transaction.ts';
import type { AuditEntry } from '../domain/audit/audit.ts';
import type { User } from '../domain/user/user.ts';
import type { Claims } from '../hook/hook.ts';
import type { FlowContext } from './context.ts';
import { sessionClaims } from './session-claims.ts';

/** How many sessions have other claims now. */
export interface RecomputeResult {
  readonly changed: number;
}

/** Attempts. Of concurrent calls one succeeds each time. */
const maxAttempts = 20;

/**
 * Makes the claims of a user's live sessions anew, from its profile and the hook `claim`.
 *
 * @param auditFields who asked, for the audit
 * @param deadline default: each answer of the hook counts from its own moment, for nothing waits for a client
 * @throws busy too many ask at once · unavailable the deadline passed
 */
export async function recomputeClaimsOfUser(
  context: Pick<FlowContext, 'audit' | 'databaseClock' | 'db' | 'hooks' | 'sessions' | 'users'>,
  user: User,
  auditFields: Pick<AuditEntry, 'addressPrefix' | 'detail'>,
  deadline?: Deadline,
): Promise<RecomputeResult> {
  for (let tries = 0; tries < maxAttempts; tries++) {
    const before = await latestRecomputeId(context, context.db, user);
    // Read again each time. Otherwise the hook would get an older profile than the result that it competes with.
    const current = await context.users.find(context.db, user.id);
    if (current === undefined) return { changed: 0 };
    const claims = await sessionClaims(context, current);
    const bounds = deadline ?? deadlineNow(context.databaseClock);
    const changed = await storeClaims(context, user, { claims, before, auditFields, deadline: bounds });
    if (changed !== undefined) return { changed };
  }
  throw fail('busy', { retryAfterMs: 1_000 });
}

/**
 * The result of the hook, unless another result was stored since the call. The older of two results must not replace
 * the newer one, and their order is unknown, so the hook has to be called again.
 */
function storeClaims(
  context: Pick<FlowContext, 'audit' | 'db' | 'sessions'>,
  user: User,
  { claims, before, auditFields, deadline }: ClaimsUpdate,
): Promise<number | undefined> {
  const { db, sessions, audit } = context;
  const replace = async ({ tx }: Transaction) => {
    if ((await latestRecomputeId(context, tx, user)) !== before) return undefined;
    const changed = (await sessions.replaceClaims(tx, user.id, claims)).length;
    await audit.record(tx, {
      ...auditFields,
      ...auditTarget(user),
      action,
      detail: { ...auditFields.detail, changed },
    });
    return changed;
  };
  return withTransaction(db, replace, { ...deadline, lock: ['users', user.id] });
}

interface ClaimsUpdate {
  readonly claims: Claims;
  readonly before: number;
  readonly auditFields: Pick<AuditEntry, 'addressPrefix' | 'detail'>;
  readonly deadline: Deadline;
}

const action = 'claims_recomputed';
const auditTarget = ({ id, tenantId }: User) => ({ userId: id, tenantId });

/** Number of the last answer that was kept, by its line in the audit. */
async function latestRecomputeId({ audit }: Pick<FlowContext, 'audit'>, db: Db, { id }: User): Promise<number> {
  const { rows } = await audit.list(db, { userId: id, action, limit: 1 });
  return rows[0]?.id ?? 0;
}
