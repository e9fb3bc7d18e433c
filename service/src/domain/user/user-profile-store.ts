import type { Db } from '../../db/schema.ts';
import type { ProfileChange, User } from './user.ts';
import { frozen, json, userColumns } from './user-store.ts';

/** `undefined`: there is no such user. */
export async function updateProfile(tx: Db, id: string, change: ProfileChange): Promise<User | undefined> {
  const { userMetadata, ...fields } = change;
  return tx
    .updateTable('users')
    .set({ ...fields, ...(userMetadata === undefined ? {} : { user_metadata: json({ ...userMetadata }) }) })
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .returning(userColumns)
    .executeTakeFirst()
    .then(frozen);
}
