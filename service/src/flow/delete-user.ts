import type { EndedSessions } from '@latchkey/contract';
import { type Deadline, forAllCreated } from '../db/deadline.ts';
import type { Db } from '../db/schema.ts';
import { type Transaction, withTransaction } from '../db/transaction.ts';
import type { AuditEntry } from '../domain/audit/audit.ts';
import { identifierKey, legacyIdentifierKey } from '../domain/user/identifier.ts';
import type { User } from '../domain/user/user.ts';
import { awaitRevocations } from './await-revocations.ts';
import type { FlowContext } from './context.ts';

/** What the deletion of a user needs. */
export type DeleteUserContext = Pick<
  FlowContext,
  | 'audit'
  | 'clock'
  | 'db'
  | 'feed'
  | 'invitations'
  | 'mailOutbox'
  | 'notices'
  | 'oneTimeTokens'
  | 'operators'
  | 'sessions'
  | 'users'
>;

/** Who deletes the user. */
interface Deletion {
  /** For the audit. */
  readonly auditFields: Pick<AuditEntry, 'addressPrefix' | 'detail' | 'sid'>;
  readonly deadline: Deadline;
  /**
   * Checks in the transaction, with the row of the user, or of all active operators, locked. Default: only the last operator is
   * refused.
   */
  readonly assertAllowed?: (tx: Db) => Promise<void>;
}

/**
 * Deletes a user who was found: its sessions end, and everything that is stored about it is erased but the id, the tenant, the
 * time of the deletion and the audit. The address can be registered again, by a user with another id.
 *
 * @throws not_found the user was deleted meanwhile · forbidden the last operator · unavailable the deadline passed
 * @example
 * await deleteUser(context, user, { auditFields: { addressPrefix: peer.addressPrefix }, deadline });
 */
export async function deleteUser(context: DeleteUserContext, user: User, deletion: Deletion): Promise<EndedSessions> {
  const { audit, db, notices, operators, sessions, users } = context;
  const { auditFields, deadline, assertAllowed } = deletion;
  const { id: userId, tenantId, operator } = user;
  const remove = async ({ tx }: Transaction) => {
    if (operator) await operators.lockForRemoval(tx, userId);
    await assertAllowed?.(tx);
    await users.invalidateCodes(tx, userId);
    await eraseMails(context, tx, user);
    await sessions.eraseDetails(tx, userId);
    await notices.forget(tx, userId);
    await users.delete(tx, userId);
    await audit.record(tx, { ...auditFields, action: 'user_deleted', tenantId, userId });
    // Last, because it locks the row of `blacklist_head`, which all ends of sessions need.
    return sessions.end(tx, { userId }, 'user_deleted', forAllCreated(deadline));
  };
  // Rows of operators are locked in the order of their ids, so that two who delete each other do not wait for each other.
  const bounds = operator ? deadline : { ...deadline, lock: ['users', userId] as const };
  const ended = await withTransaction(db, remove, bounds);
  await awaitRevocations(context, { sids: ended, reason: 'user_deleted' });
  return { ended: ended.length };
}

/**
 * Of the address, what belongs to no user yet: requests for mails hold it as well. An invitation that can be accepted
 * stays where the user never proved the address: it is that of the address's owner.
 */
async function eraseMails(
  { invitations, mailOutbox, oneTimeTokens }: Pick<FlowContext, 'invitations' | 'mailOutbox' | 'oneTimeTokens'>,
  tx: Db,
  { id, tenantId, email, emailVerifiedAt }: User,
): Promise<void> {
  const emailKeys = email === null ? [] : [legacyIdentifierKey(email), identifierKey(email)];
  const isOwner = emailVerifiedAt !== null;
  const tokens = await oneTimeTokens.lockOfUser(tx, { id, tenantId, emailKeys, isOwner });
  await mailOutbox.deleteOfUser(tx, { id, tenantId, email, isOwner }, tokens);
  await oneTimeTokens.delete(tx, tokens);
  if (email !== null) await invitations.deleteOfAddress(tx, { tenantId, email, isOwner });
}
