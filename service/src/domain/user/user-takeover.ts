import { Failure } from '@latchkey/contract';
import type { Db } from '../../db/schema.ts';
import { identifierKey, parseNewIdentifier } from './identifier.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { normalizePassword } from './password-rules.ts';
import type { FoundUser } from './user.ts';
import { accountKeys } from './user-directory.ts';
import * as store from './user-takeover-store.ts';

/**
 * Takes users of another system over: from then on they sign in here, and the hook is not called for them any more.
 *
 * @example
 * const prepared = await createUserTakeover(hasher).prepareTakeover(found, { email, password });
 */
export function createUserTakeover(hasher: Pick<PasswordHasher, 'hash'>) {
  return Object.freeze({
    /** Whether the user of this address was taken over. */
    async isTakenOver(db: Db, tenantId: string, email: string) {
      const keys = accountKeys(email);
      return keys !== undefined && store.isTakenOver(db, tenantId, keys);
    },
    /**
     * Hashes the password that the other system has just accepted; call it before the transaction.
     *
     * @returns `undefined` where the user has to stay: the user could not sign in here with the same address and password, or too
     * many hashes wait
     */
    async prepareTakeover(
      found: FoundUser,
      { email, password }: { readonly email: string; readonly password: string },
    ): Promise<store.PreparedTakeover | undefined> {
      const normal = normalizePassword(password);
      const isOtherAddress = found.email != null && identifierKey(found.email) !== identifierKey(email);
      if (normal === undefined || isOtherAddress) return undefined;
      try {
        const address = parseNewIdentifier(email);
        return { ...address, passwordHash: await hasher.hash(normal), isVerified: found.emailVerified === true };
      } catch (error) {
        if (error instanceof Failure && (error.code === 'invalid_request' || error.code === 'overloaded'))
          return undefined;
        throw error;
      }
    },
    /** @returns `undefined` for a user who is disabled or was taken over before. @throws identifier_taken */
    takeOver: store.takeOverUser,
  });
}
