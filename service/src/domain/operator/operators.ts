import { fail } from '@latchkey/contract';
import { randomBuffer, sha256, toBase64url } from '../../base/bytes.ts';
import type { Db } from '../../db/schema.ts';
import { inviteTtlHours, type OperatorStatus } from './operator.ts';
import * as store from './operator-store.ts';

/** Users marked operator, and how the first of them comes to be. */
export interface Operators {
  /** Current status of each session, by its own row and its user's. */
  readStatuses(db: Db, sids: readonly string[]): Promise<ReadonlyMap<string, OperatorStatus>>;
  /** Sets or removes the operator flag of a user. @throws not_found */
  setOperator(db: Db, userId: string, operator: boolean): Promise<void>;
  /**
   * Ids of the active operators. Locks their rows until the transaction ends, so that no other transaction changes
   * their flags or disables them.
   */
  lockForUpdate(tx: Db): Promise<readonly string[]>;
  /** A code that makes one new user the first operator; `undefined` once there is an operator. The one before ends. */
  invite(db: Db): Promise<string | undefined>;
  /** @throws forbidden the code is unknown, was used, or is over, or there is an operator by now */
  assertInviteValid(db: Db, code: string): Promise<void>;
  /** Uses the code up for this user; of two at once, one gets it. @throws forbidden */
  redeem(tx: Db, code: string, userId: string): Promise<void>;
}

const codeBytes = 32;

/**
 * @example
 * const code = await createOperators().invite(db);
 * await operators.redeem(tx, code, user.id);
 */
export function createOperators(): Operators {
  return Object.freeze<Operators>({
    async readStatuses(db, sids) {
      const found = await store.readOperatorStatuses(db, sids);
      return new Map(sids.map((sid) => [sid, found.get(sid) ?? 'ended']));
    },
    async setOperator(db, userId, operator) {
      if (!(await store.setOperator(db, userId, operator)))
        throw fail('not_found', { message: 'There is no such user.' });
    },
    lockForUpdate: store.lockOperators,
    async invite(db) {
      if (await store.hasOperator(db)) return undefined;
      const code = toBase64url(randomBuffer(codeBytes));
      await store.replaceInvite(db, sha256(code), inviteTtlHours);
      return code;
    },
    async assertInviteValid(db, code) {
      if (!(await store.isInviteValid(db, sha256(code)))) throw invalidInvite();
    },
    async redeem(tx, code, userId) {
      if (!(await store.redeemInvite(tx, sha256(code), userId))) throw invalidInvite();
    },
  });
}

function invalidInvite() {
  return fail('forbidden', {
    message: 'This invitation was used already, or is too old. Start the service again for another one.',
  });
}
