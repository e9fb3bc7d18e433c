import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';
import type { User } from './user.ts';
import type { AcceptedAddress } from './user-address-store.ts';
import { frozen, json, rethrowAsFailure, userColumns } from './user-store.ts';

/** What is changed of a user. What is absent stays as it is, `null` erases. */
export interface UserChange {
  readonly name?: string | null | undefined;
  readonly picture?: string | null | undefined;
  readonly locale?: string | null | undefined;
  readonly userMetadata?: User['userMetadata'] | undefined;
  readonly appMetadata?: User['appMetadata'] | undefined;
  /** Codes and one-time tokens of before become invalid. */
  readonly address?: AcceptedAddress | undefined;
  /** Of the new address, where one is given: then `false` unless said otherwise. */
  readonly emailVerified?: boolean | undefined;
  readonly passwordChangeRequired?: boolean | undefined;
}

/** @throws identifier_taken */
export async function updateUser(tx: Db, id: string, change: UserChange): Promise<User | undefined> {
  const { address, userMetadata, appMetadata } = change;
  const moved = address && {
    email: address.email,
    email_key: address.key,
    email_skeleton: address.skeleton,
    credential_version: sql<number>`credential_version + 1`,
  };
  return tx
    .updateTable('users')
    .set({
      // A change of nothing still finds the user.
      id,
      ...{ name: change.name, picture: change.picture, locale: change.locale },
      user_metadata: userMetadata && json(userMetadata),
      app_metadata: appMetadata && json(appMetadata),
      password_change_required: change.passwordChangeRequired,
      email_verified_at: verifiedAt(change),
      ...moved,
    })
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .returning(userColumns)
    .executeTakeFirst()
    .then((row) => row && frozen(row), rethrowAsFailure);
}

/** An address that was verified before keeps its time. */
function verifiedAt({ address, emailVerified = address && false }: UserChange) {
  if (emailVerified === undefined) return undefined;
  if (!emailVerified) return null;
  return address === undefined
    ? sql<Date>`coalesce(email_verified_at, clock_timestamp())`
    : sql<Date>`clock_timestamp()`;
}
