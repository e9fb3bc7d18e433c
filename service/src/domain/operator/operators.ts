import { fail } from '@latchkey/contract';
import { randomBuffer, sha256, toBase64url } from '../../base/bytes.ts';
import type { Db } from '../../db/schema.ts';
import * as store from './operator-store.ts';

const codeBytes = 32;
/** How long the invitation of the first operator can be used, in hours. */
const inviteTtlHours = 24;

export type Operators = ReturnType<typeof createOperators>;

/**
 * Operators: who is one, and the invitation of the first one.
 *
 * @example
 * const code = await createOperators().invite(db);
 * await operators.redeem(tx, code, user.id);
 */
export function createOperators() {
  return Object.freeze({
    /** Current status of each session, by its own row and its user's. */
    async readStatuses(db: Db, sids: readonly string[]) {
      const found = await store.readOperatorStatuses(db, sids);
      return new Map(sids.map((sid) => [sid, found.get(sid) ?? 'ended']));
    },
    /** Sets or removes the operator flag of a user. @throws not_found */
    async setOperator(db: Db, userId: string, operator: boolean) {
      if (!(await store.setOperator(db, userId, operator)))
        throw fail('not_found', { message: 'There is no such user.' });
    },
    /**
     * Ids of the active operators, before a change after which this user is none of them. Locks their rows until the
     * transaction ends, so that no other transaction changes their flags, disables or deletes them.
     *
     * @throws forbidden the user is the last active operator
     */
    async lockForRemoval(tx: Db, userId: string) {
      await store.lockOperators(tx);
      const active = await store.listActiveOperators(tx);
      if (active.length === 1 && active[0] === userId)
        throw fail('forbidden', { message: 'This is the last operator.' });
      return active;
    },
    /**
     * In the transaction that disables or deletes the tenant. Locks the rows of all operators first, so that of two changes
     * at once the second sees the first.
     *
     * @throws forbidden no operator of another tenant can sign in
     */
    async assertOperatorElsewhere(tx: Db, tenantId: string) {
      await store.lockOperators(tx);
      if (await store.hasLastOperator(tx, tenantId))
        throw fail('forbidden', { message: 'This tenant has the last operator.' });
    },
    /** Whether a user of the tenant is an operator, also a disabled one. */
    hasOperatorIn: store.hasOperatorIn,
    /** Returns a code that makes one new user the first operator, in place of the code before. `undefined`: there is an operator. */
    async invite(db: Db) {
      if (await store.hasOperator(db)) return undefined;
      const code = toBase64url(randomBuffer(codeBytes));
      await store.replaceInvite(db, sha256(code), inviteTtlHours);
      return code;
    },
    /** @throws forbidden the code is unknown, used or expired, or there is an operator */
    async assertInviteValid(db: Db, code: string) {
      if (!(await store.isInviteValid(db, sha256(code)))) throw invalidInvite();
    },
    /** Uses the code for this user. It works once, also for concurrent calls. @throws forbidden */
    async redeem(tx: Db, code: string, userId: string) {
      if (!(await store.redeemInvite(tx, sha256(code), userId))) throw invalidInvite();
    },
  });
}

function invalidInvite() {
  return fail('forbidden', {
    message: 'This invitation was used already, or is too old. Start the service again for another one.',
  });
}
