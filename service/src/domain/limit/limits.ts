import { type ErrorCode, Failure, fail } from '@latchkey/contract';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../db/database.ts';
import {
  accessTokenLimit,
  addressKeyOf,
  failedLoginLimits,
  keysOf,
  type LoginTry,
  refusedProofLimit,
  registrationWindowSeconds,
} from './limit.ts';
import { disposeLimits } from './limit-store.ts';
import { createTryCounter } from './try-counter.ts';
import { createWindowCounter } from './window-counter.ts';

export interface Limits {
  readonly failedLogins: {
    /**
     * Runs the check of a password. Only `invalid_credentials` counts; tries at once cannot pass together; a right
     * password clears the account's count.
     *
     * @throws rate_limited before any work · whatever `work` throws
     */
    guard<T>(tried: LoginTry, work: () => Promise<T>): Promise<T>;
  };
  readonly registrations: {
    /**
     * Runs a registration. One counts that made an account, or that learned of one (`identifier_taken`).
     *
     * @throws rate_limited before any work · whatever `work` throws
     */
    guard<T>(address: string | null, work: () => Promise<T>): Promise<T>;
  };
  readonly accessTokens: {
    /** One more access token of the session, on this node. @throws rate_limited */
    take(sid: string): void;
  };
  readonly refusedProofs: {
    /** False when enough was written down of this session, on this node: a thief with a copy could fill the audit. */
    take(sid: string): boolean;
  };
  /** Removes windows that have ended; says how many. */
  dispose(): Promise<number>;
}

export interface LimitsOptions {
  /** Of one address in an hour. */
  readonly registrationsPerAddress: number;
}

/**
 * @example
 * const limits = createLimits({ database, clock, options: { registrationsPerAddress: 100 } });
 * const user = await limits.failedLogins.guard({ tenantId, emailKey, address }, () => users.authenticate(db, input));
 */
export function createLimits(deps: { database: Database; clock: Clock; options: LimitsOptions }): Limits {
  const { database, clock, options } = deps;
  const { windowSeconds, perAccountAndAddress, perAddress } = failedLoginLimits;
  const pairs = createTryCounter(database, { name: 'pair', points: perAccountAndAddress, windowSeconds });
  const addresses = createTryCounter(database, { name: 'address', points: perAddress, windowSeconds });
  const registrations = createTryCounter(database, {
    name: 'register',
    points: options.registrationsPerAddress,
    windowSeconds: registrationWindowSeconds,
  });
  const accessTokens = createWindowCounter({ clock, ...accessTokenLimit });
  const refusedProofs = createWindowCounter({ clock, ...refusedProofLimit });

  return Object.freeze({
    failedLogins: Object.freeze({
      async guard<T>(tried: LoginTry, work: () => Promise<T>) {
        const keys = keysOf(tried);
        // The address first: once it is refused, it cannot fill the memory with accounts it makes up.
        const ofAddress = await addresses.begin(keys.address);
        const ofPair = await pairs.begin(keys.pair).catch(async (refused: unknown) => {
          await ofAddress.giveBack();
          throw refused;
        });
        try {
          const result = await work();
          await Promise.all([ofPair.clear(), ofAddress.giveBack()]);
          return result;
        } catch (error) {
          const end = hasCode(error, 'invalid_credentials') ? 'keep' : 'giveBack';
          await Promise.all([ofPair[end](), ofAddress[end]()]);
          throw error;
        }
      },
    }),
    registrations: Object.freeze({
      async guard<T>(address: string | null, work: () => Promise<T>) {
        const registration = await registrations.begin(addressKeyOf(address));
        try {
          const result = await work();
          await registration.keep();
          return result;
        } catch (error) {
          await registration[hasCode(error, 'identifier_taken') ? 'keep' : 'giveBack']();
          throw error;
        }
      },
    }),
    accessTokens: Object.freeze({
      take(sid: string) {
        const retryAfterMs = accessTokens.take(sid);
        if (retryAfterMs > 0) throw fail('rate_limited', { retryAfterMs });
      },
    }),
    refusedProofs: Object.freeze({ take: (sid: string) => refusedProofs.take(sid) === 0 }),
    dispose: () => disposeLimits(database),
  });
}

function hasCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof Failure && error.code === code;
}
