import type { Db } from '../../db/schema.ts';
import type { Credentials, ExternalUser, NewUser, User } from './user.ts';

/** The verbs of the user room. Passwords are never kept, logged or truncated. */
export interface Users {
  /** @throws invalid_request the address · weak_password · identifier_taken · overloaded */
  register(db: Db, user: NewUser): Promise<User>;
  /**
   * An unknown user costs what a wrong password costs. Never call it inside a transaction: it hashes.
   *
   * @throws invalid_credentials · user_disabled only after the right password · overloaded
   */
  authenticate(db: Db, credentials: Credentials): Promise<User>;
  /** Keeps a user that a hook found: made on the first sight, brought up to date on the next. @throws identifier_taken */
  adopt(db: Db, user: ExternalUser & { readonly tenantId: string }): Promise<User>;
  find(db: Db, id: string): Promise<User | undefined>;
  /** The current password shown again. @throws invalid_credentials · user_disabled · overloaded */
  checkPassword(db: Db, id: string, password: string): Promise<User>;
  /** Judges and hashes a new password; call it before the transaction. @throws weak_password · overloaded */
  hashNew(password: string, context: { readonly email: string | null }): Promise<string>;
  /**
   * Stores the hash and moves the credential version, if nobody else did since `user` was read.
   *
   * @throws invalid_credentials the password was changed in between
   */
  changePassword(tx: Db, user: Pick<User, 'id' | 'credentialVersion'>, hash: string): Promise<User>;
  /** Idempotent; moves the credential version, so that codes in flight are worthless. @throws not_found */
  disable(tx: Db, id: string): Promise<User>;
}
