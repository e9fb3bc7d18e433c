import { isDeepStrictEqual } from 'node:util';
import type { AdminUser, EndReason } from '@latchkey/contract';
import { forAllCreated } from '../../db/deadline.ts';
import type { Db } from '../../db/schema.ts';
import { withTransaction } from '../../db/transaction.ts';
import { parseNewIdentifier } from '../../domain/user/identifier.ts';
import type { User } from '../../domain/user/user.ts';
import type { UserChange } from '../../domain/user/user-update-store.ts';
import { awaitRevocations } from '../await-revocations.ts';
import type { FlowContext } from '../context.ts';
import { recomputeClaimsOfUser } from '../recompute-claims-of-user.ts';
import { renewClaims } from '../renew-claims.ts';
import { type Actor, assertAllTenants, assertOperatorRemains, auditFields } from './actor.ts';
import { assertManagedHere, assertOther, getVisibleUser, getWritableUser, toUserView } from './visible-user.ts';

/** What is absent stays as it is. */
export interface UserUpdate extends Omit<UserChange, 'address'> {
  readonly disabled?: boolean | undefined;
  readonly operator?: boolean | undefined;
  readonly email?: string | undefined;
}

type UpdateContext = Pick<
  FlowContext,
  | 'audit'
  | 'clock'
  | 'databaseClock'
  | 'db'
  | 'feed'
  | 'hooks'
  | 'mail'
  | 'mailOutbox'
  | 'onError'
  | 'oneTimeTokens'
  | 'operators'
  | 'sessions'
  | 'users'
>;

/** A change of a user that was found, inside its transaction. */
interface UpdateRequest {
  readonly actor: Actor;
  readonly user: User;
  readonly update: UserUpdate;
  readonly change: UserChange;
}

/**
 * Changes what is stored of a user. Disabling, and another address, end the user's sessions and make codes and one-time
 * tokens invalid. Live sessions get the claims of the changed user with their next access token. Refuses an operator's own
 * account, the last operator, and, for a backend of one tenant, every operator.
 *
 * @throws not_found · forbidden · invalid_request the address · identifier_taken · managed_elsewhere · what the hook `claim`
 * throws for stored `app_metadata`: set it again
 */
export async function updateUser(
  context: UpdateContext,
  actor: Actor,
  id: string,
  update: UserUpdate,
): Promise<AdminUser> {
  const user = await getWritableUser(context, actor, id);
  assertOther(actor, user);
  if (update.operator !== undefined) assertAllTenants(actor);
  const request = { actor, user, update, change: toUserChange(user, update) };
  const { sids, reason } = await withTransaction(
    context.db,
    ({ tx }) => applyUserUpdate(context, tx, request),
    actor.deadline,
  );
  await awaitRevocations(context, { sids, reason });
  await renewClaimsAfter(context, request);
  return toUserView(await getVisibleUser(context, actor, id));
}

/** Rights come from `app_metadata`: a change that live sessions do not get is refused, and finished when it is made again. */
async function renewClaimsAfter(context: UpdateContext, { actor, user, change }: UpdateRequest): Promise<void> {
  const { passwordChangeRequired: _, ...shown } = change;
  if (change.appMetadata !== undefined) await recomputeClaimsOfUser(context, user, auditFields(actor));
  else if (hasChange(shown)) await renewClaims(context, user, auditFields(actor));
}

function toUserChange(user: User, { disabled: _d, operator: _o, email, ...change }: UserUpdate): UserChange {
  const isOfCredentials = [email, change.emailVerified, change.passwordChangeRequired].some((one) => one !== undefined);
  if (isOfCredentials) assertManagedHere(user);
  return email === undefined ? change : { ...change, address: parseNewIdentifier(email) };
}

const hasChange = (change: UserChange) => Object.values(change).some((value) => value !== undefined);

/** Applies the change and returns the ids of the sessions that it ended. */
async function applyUserUpdate(
  context: UpdateContext,
  tx: Db,
  request: UpdateRequest,
): Promise<{ readonly sids: readonly string[]; readonly reason: EndReason }> {
  const { operators, users, sessions } = context;
  const { actor, user, update, change } = request;
  if (update.operator === false || update.disabled) await assertOperatorRemains(operators, tx, actor, user.id);
  const before = await users.lock(tx, user.id);
  if (update.operator !== undefined) await operators.setOperator(tx, user.id, update.operator);
  if (update.disabled === false) await users.enable(tx, user.id);
  if (update.disabled) await users.disable(tx, user.id);
  if (hasChange(change)) await users.update(tx, user.id, change);
  if (change.address !== undefined) await voidOldAddress(context, tx, user);
  await recordUpdate(context, tx, request, before);
  const reason = update.disabled ? 'user_disabled' : 'email_changed';
  if (!update.disabled && change.address === undefined) return { sids: [], reason };
  // Last, because it locks the row of `blacklist_head`, which all ends of sessions need.
  return { sids: await sessions.end(tx, { userId: user.id }, reason, forAllCreated(actor.deadline)), reason };
}

/** The link that undoes an earlier change ends too, and the old address gets a notice. */
async function voidOldAddress(
  { mail, mailOutbox, oneTimeTokens }: Pick<FlowContext, 'mail' | 'mailOutbox' | 'oneTimeTokens'>,
  tx: Db,
  { id: userId, tenantId, email: recipient, locale }: User,
): Promise<void> {
  await oneTimeTokens.revoke(tx, userId, ['undo_email_change']);
  if (recipient === null || !mail.isAvailable()) return;
  const notice = { tenantId, userId, recipient, locale: locale ?? undefined };
  await mailOutbox.enqueue(tx, { ...notice, template: 'email_replaced', data: {} });
}

/** The fields as the audit names them, with what is stored of each. */
const fields: Readonly<Record<keyof UserChange, readonly [name: string, read: (user: User) => unknown]>> = {
  name: ['name', ({ name }) => name],
  picture: ['picture', ({ picture }) => picture],
  locale: ['locale', ({ locale }) => locale],
  userMetadata: ['user_metadata', ({ userMetadata }) => userMetadata],
  appMetadata: ['app_metadata', ({ appMetadata }) => appMetadata],
  // An address that is set once more makes codes and links invalid as well.
  address: ['email', ({ credentialVersion }) => credentialVersion],
  emailVerified: ['email_verified', ({ emailVerifiedAt }) => emailVerifiedAt !== null],
  passwordChangeRequired: ['password_change_required', ({ passwordChangeRequired }) => passwordChangeRequired],
};

/** A row for each kind of change, with the names of the fields and none of their values. What stayed as it was has no row. */
async function recordUpdate(
  { audit, users }: Pick<FlowContext, 'audit' | 'users'>,
  tx: Db,
  { actor, user: { id: userId, tenantId }, change }: UpdateRequest,
  before: User,
): Promise<void> {
  const after = await users.lock(tx, userId);
  const isChanged = (read: (user: User) => unknown) => !isDeepStrictEqual(read(before), read(after));
  const names = Object.entries(fields).flatMap(([field, [name, read]]) =>
    change[field as keyof UserChange] !== undefined && isChanged(read) ? [name] : [],
  );
  const entry = { ...auditFields(actor), userId, tenantId };
  const actions = [
    ...(isChanged(({ operator }) => operator) ? [operatorAction(after)] : []),
    ...(isChanged(({ disabledAt }) => disabledAt) ? [disabledAction(after)] : []),
    ...(change.address === undefined ? [] : ['email_changed' as const]),
  ];
  for (const action of actions) await audit.record(tx, { ...entry, action });
  if (names.length > 0)
    await audit.record(tx, {
      ...auditFields(actor, { fields: names.join(' ') }),
      ...{ userId, tenantId, action: 'user_changed' },
    });
}

const operatorAction = ({ operator }: User) => (operator ? ('operator_added' as const) : ('operator_removed' as const));
const disabledAction = ({ disabledAt }: User) =>
  disabledAt === null ? ('user_enabled' as const) : ('user_disabled' as const);
