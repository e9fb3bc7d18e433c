import { randomUUID } from 'node:crypto';
import { Failure, fail } from '@latchkey/contract';
import type { Db } from '../../db/schema.ts';
import { parseNewIdentifier } from './identifier.ts';
import type { PasswordHasher, ReadPresentHashes } from './password-hasher.ts';
import { normalizePassword, type PasswordContext, type PasswordRules, passwordContextOf } from './password-rules.ts';
import type { ExternalUser, NewUser, PasswordCredentials, User } from './user.ts';
import { deleteUser } from './user-deletion-store.ts';
import { createUserDirectory, findAccountByEmail } from './user-directory.ts';
import * as store from './user-store.ts';
import { createUserTakeover } from './user-takeover.ts';
import { type UserChange, updateUser } from './user-update-store.ts';

export type Users = ReturnType<typeof createUsers>;

/**
 * The operations on users. Passwords are never stored, logged or truncated.
 *
 * @example
 * const users = createUsers({ hasher, rules });
 * const user = await users.authenticate(db, { tenantId: 'default', email, password });
 */
export function createUsers({
  hasher,
  rules,
  readPresentHashes,
}: {
  hasher: PasswordHasher;
  rules: PasswordRules;
  /** Default: no account has a hash of another format than the hasher's. */
  readPresentHashes?: ReadPresentHashes;
}) {
  /** The complete check takes the same time for an unknown user, a user without a password, and a wrong password. */
  async function verifyHash(db: Db, found: store.UserWithHash | undefined, password: string): Promise<User> {
    const hash = found?.hash ?? undefined;
    const isRight = await hasher.verify(hash, password, readPresentHashes);
    if (!isRight || found === undefined || hash === undefined) throw fail('invalid_credentials');
    if (found.user.disabledAt !== null) throw fail('user_disabled');
    if (hasher.isOutdated(hash)) await rehash(db, found.user.id, { old: hash, password });
    return found.user;
  }

  /** The login does not depend on it: with a full queue it is done later. */
  async function rehash(db: Db, id: string, { old, password }: { old: string; password: string }): Promise<void> {
    try {
      await store.replaceHash(db, id, { old, next: await hasher.hash(password) });
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'overloaded')) throw error;
    }
  }

  async function hashNewPassword(password: string, context: PasswordContext): Promise<string> {
    hasher.assertCapacity();
    return hasher.hash(await rules.accept(password, context));
  }

  async function prepare({ tenantId, tenant, email, password, profile = {} }: NewUser): Promise<store.PreparedUser> {
    const { email: typed, key: emailKey, skeleton: emailSkeleton } = parseNewIdentifier(email);
    const context = tenant === undefined ? { email: typed } : passwordContextOf(tenant, typed);
    const passwordHash = await hashNewPassword(password, context);
    return { id: randomUUID(), tenantId, email: typed, emailKey, emailSkeleton, passwordHash, profile };
  }

  return Object.freeze({
    ...createUserDirectory(),
    ...createUserTakeover(hasher),
    /** Judges a new user and hashes the password; call it before the transaction. @throws invalid_request the address · weak_password · overloaded */
    prepare,
    /** @throws identifier_taken · tenant_unknown */
    insert: store.insertUser,
    /** Both at once. @throws invalid_request the address · weak_password · identifier_taken · overloaded */
    register: async (db: Db, user: NewUser) => store.insertUser(db, await prepare(user)),
    /**
     * An unknown user costs what a wrong password costs. Never call it inside a transaction: it hashes.
     *
     * @throws invalid_credentials · user_disabled only after the right password · overloaded
     */
    async authenticate(db: Db, { tenantId, email, password }: PasswordCredentials) {
      hasher.assertCapacity();
      return verifyHash(db, await findAccountByEmail(db, tenantId, email), normalizeOrReject(password));
    },
    /**
     * Stores a user that a hook found: inserts it the first time, updates it later. Absent fields keep their values. Its
     * address is for display only: it never matches, and never becomes, an account with a password here.
     *
     * @throws user_disabled · tenant_unknown · invalid_credentials the user was taken over, so that the hook's answer is ignored
     */
    async upsertExternal(
      db: Db,
      { tenantId, externalId, email, profile }: ExternalUser & { readonly tenantId: string },
    ) {
      const user = await store.upsertExternalUser(db, { id: randomUUID(), tenantId, externalId, email, profile });
      if (user === undefined) throw fail('invalid_credentials', { detail: 'the user was taken over' });
      if (user.disabledAt !== null) throw fail('user_disabled');
      return user;
    },
    find: async (db: Db, id: string) => (await store.findUser(db, id))?.user,
    /** The user, whose row no other transaction changes until this one ends. @throws not_found */
    async lock(tx: Db, id: string) {
      return assertFound(await store.lockUser(tx, id));
    },
    /** The current password shown again. @throws invalid_credentials · user_disabled · overloaded */
    async verifyPassword(db: Db, id: string, password: string) {
      hasher.assertCapacity();
      return verifyHash(db, await store.findUser(db, id), normalizeOrReject(password));
    },
    /** The password of a user who is still to be created. @throws invalid_credentials · overloaded */
    async verifyPending(hash: string, password: string) {
      hasher.assertCapacity();
      if (!(await hasher.verify(hash, normalizeOrReject(password)))) throw fail('invalid_credentials');
    },
    /**
     * Refuses the current password where a new one is required. Never call it inside a transaction: it hashes.
     *
     * @throws weak_password · overloaded
     */
    async assertPasswordReplaced(db: Db, { id, passwordChangeRequired }: User, next: string) {
      const hash = passwordChangeRequired ? (await store.findUser(db, id))?.hash : undefined;
      const normal = normalizePassword(next);
      if (hash == null || normal === undefined || !(await hasher.verify(hash, normal))) return;
      const message = 'Choose another password than before.';
      throw fail('weak_password', { message, details: [{ path: 'new_password', message }] });
    },
    /** Judges and hashes a new password; call it before the transaction. @throws weak_password · overloaded */
    hashNewPassword,
    /**
     * Stores the hash and raises the credential version, unless another request did so since `user` was read.
     *
     * @throws invalid_credentials the password was changed in between
     */
    async changePassword(tx: Db, user: Pick<User, 'id' | 'credentialVersion'>, hash: string) {
      const changed = await store.updatePassword(tx, user, hash);
      if (changed === undefined) throw fail('invalid_credentials', { detail: 'the password was changed meanwhile' });
      return changed;
    },
    /**
     * Moves the credential version: codes that were made before open nothing. The first statement of a transaction that
     * ends a user's sessions: a code that is redeemed at this moment is waited for, and its session found by the next one.
     */
    invalidateCodes: store.invalidateUserCodes,
    /** Idempotent; moves the credential version, so that codes in flight are worthless. @throws not_found */
    async disable(tx: Db, id: string) {
      return assertFound(await store.disableUser(tx, id));
    },
    /** In a transaction with the user's row locked. @throws not_found · identifier_taken */
    async update(tx: Db, id: string, change: UserChange) {
      return assertFound(await updateUser(tx, id, change));
    },
    /** Lets a disabled user sign in again. Idempotent. @throws not_found */
    async enable(tx: Db, id: string) {
      return assertFound(await store.enableUser(tx, id));
    },
    /** Erases what is stored about the user, and keeps the id for ever. Call `invalidateCodes` first. @throws not_found */
    async delete(tx: Db, id: string) {
      if (!(await deleteUser(tx, id))) throw noSuchUser();
    },
  });
}

const noSuchUser = () => fail('not_found', { message: 'There is no such user.' });

function assertFound(user: User | undefined): User {
  if (user === undefined) throw noSuchUser();
  return user;
}

/** A password that no account can have is refused at once, for every account. */
function normalizeOrReject(password: string): string {
  const normal = normalizePassword(password);
  if (normal === undefined) throw fail('invalid_credentials');
  return normal;
}
