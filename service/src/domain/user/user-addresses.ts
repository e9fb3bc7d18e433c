import { fail } from '@latchkey/contract';
import type { Db } from '../../db/schema.ts';
import type { User } from './user.ts';
import * as store from './user-address-store.ts';

export type UserAddresses = ReturnType<typeof createUserAddresses>;

/**
 * What the proof of an address changes at a user. Each function is called in the transaction that uses the one-time token,
 * with the row of the user locked.
 *
 * @example
 * await tokens.consume(tx, token);
 * const user = await createUserAddresses().resetPassword(tx, token.userId, hash);
 */
export function createUserAddresses() {
  return Object.freeze({
    /**
     * Sets a password, and makes codes invalid that were issued before. If it is the first proof of the address, it erases what
     * the user of the password before wrote of itself.
     *
     * @throws link_invalid the user is disabled
     */
    resetPassword: async (tx: Db, id: string, hash: string) => assertUsable(await store.resetPassword(tx, id, hash)),
    /** @throws link_invalid the user is disabled */
    verify: async (tx: Db, id: string) => assertUsable(await store.verifyEmail(tx, id)),
    /**
     * The first proof of an address: the password that was set before goes, with what its user wrote of itself, and codes become
     * invalid. `undefined` when the address was proved before: then nothing changes.
     */
    takePossession: store.takePossession,
    /** Another address, which was proved. Codes become invalid. @throws identifier_taken · link_invalid the user is disabled */
    change: async (tx: Db, id: string, address: store.AcceptedAddress) =>
      assertUsable(await store.setEmail(tx, id, address)),
    /**
     * The address of before a change that the owner did not want. The password goes. If it is the first proof of that address, what
     * its user wrote of itself goes as well.
     *
     * @throws identifier_taken · link_invalid
     */
    restore: async (tx: Db, id: string, address: store.AcceptedAddress, { isFirstProof }: { isFirstProof: boolean }) =>
      assertUsable(await store.restoreEmail(tx, id, address, { isFirstProof })),
  });
}

function assertUsable(user: User | undefined): User {
  if (user === undefined) throw fail('link_invalid');
  return user;
}
