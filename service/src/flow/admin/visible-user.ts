import { type AdminUser, fail } from '@latchkey/contract';
import { isManagedElsewhere, type User } from '../../domain/user/user.ts';
import type { FlowContext } from '../context.ts';
import { type Actor, assertAllTenants, canSee } from './actor.ts';

/** @throws not_found also for a user of another tenant than the actor's */
export async function getVisibleUser(
  { users, db }: Pick<FlowContext, 'db' | 'users'>,
  actor: Actor,
  id: string,
): Promise<User> {
  const user = await users.find(db, id);
  if (user === undefined || !canSee(actor, user.tenantId))
    throw fail('not_found', { message: 'There is no such user.' });
  return user;
}

/** Operators reach all tenants, so that a backend of one tenant writes nothing of them. @throws not_found · forbidden */
export async function getWritableUser(
  context: Pick<FlowContext, 'db' | 'users'>,
  actor: Actor,
  id: string,
): Promise<User> {
  const user = await getVisibleUser(context, actor, id);
  if (user.operator) assertAllTenants(actor);
  return user;
}

/** An operator who could change the own account would not need its password for it. @throws forbidden */
export function assertOther(actor: Actor, { id }: User): void {
  if (actor.userId === id) throw fail('forbidden', { message: 'Another operator has to change this for you.' });
}

/** The system of the hook has the account. @throws managed_elsewhere */
export function assertManagedHere(user: User): void {
  if (isManagedElsewhere(user)) throw fail('managed_elsewhere');
}

export function toUserView(user: User): AdminUser {
  return {
    id: user.id,
    tenant_id: user.tenantId,
    email: user.email,
    email_verified: user.emailVerifiedAt !== null,
    external_id: user.externalId,
    name: user.name,
    picture: user.picture,
    locale: user.locale,
    profile: { ...user.profile },
    user_metadata: { ...user.userMetadata },
    app_metadata: { ...user.appMetadata },
    password_change_required: user.passwordChangeRequired,
    operator: user.operator,
    disabled_at: user.disabledAt?.toISOString() ?? null,
    created_at: user.createdAt.toISOString(),
  };
}
