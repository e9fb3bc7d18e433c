import { type ErrorCode, Failure, fail } from '@latchkey/contract';
import type { Clock } from '@latchkey/core/internal';
import type { Database } from '../../db/types.ts';
import { createAttemptCounter, noReservation, type Reservation, rateLimitFailure } from './attempt-counter.ts';
import { createFixedWindowLimiter } from './fixed-window-limiter.ts';
import {
  accessTokenLimit,
  addressKey,
  auditedRefusalLimit,
  exportLimit,
  type LimitedLogin,
  type LimitedMail,
  limitKeysOf,
  mailboxKey,
  mailLimits,
  profileChangeLimit,
  registrationWindowSeconds,
} from './limit.ts';
import { deleteExpiredLimits } from './limit-store.ts';
import { createPointStore, type PointStore } from './point-store.ts';

interface RateLimitsOptions {
  /** Of one account from one network, so that an attacker elsewhere cannot lock the owner out. */
  readonly failedLoginsPerAccount: number;
  /** Of one address, whatever the accounts: guessing one password for many. As many links and codes of mails, counted apart. */
  readonly failedLoginsPerAddress: number;
  /** After which a failed login no longer counts. */
  readonly failedLoginWindowInMins: number;
  /** Of one address in an hour. */
  readonly registrationsPerAddress: number;
}

export type RateLimits = ReturnType<typeof createRateLimits>;

/**
 * @example
 * const limits = createRateLimits({ database, clock, options: config });
 * const user = await limits.failedLogins.guard({ tenantId, emailKey, address }, () => users.authenticate(db, input));
 */
export function createRateLimits(deps: { database: Database; clock: Clock; options: RateLimitsOptions }) {
  const { database, clock, options } = deps;
  const windowSeconds = options.failedLoginWindowInMins * 60;
  const storeOf = (name: string, points: number) => createPointStore(database, { name, points, windowSeconds });
  const counterOf = (name: string, points: number) =>
    createAttemptCounter({ store: storeOf(name, points), limit: points });
  const pairs = counterOf('pair', options.failedLoginsPerAccount);
  const addresses = counterOf('address', options.failedLoginsPerAddress);
  const registrations = createPointStore(database, {
    name: 'register',
    points: options.registrationsPerAddress,
    windowSeconds: registrationWindowSeconds,
  });
  const mails = createMailLimits(database);
  const mailProofs = createMailProofLimits(storeOf, options.failedLoginsPerAddress);
  const accessTokens = createFixedWindowLimiter({ clock, ...accessTokenLimit });
  const profileChanges = createFixedWindowLimiter({ clock, ...profileChangeLimit });
  const exports = createFixedWindowLimiter({ clock, ...exportLimit });
  const auditedRefusals = createFixedWindowLimiter({ clock, ...auditedRefusalLimit });

  return Object.freeze({
    failedLogins: Object.freeze({
      /**
       * Runs the check of a password. Only `invalid_credentials` counts; tries at once cannot pass together; a right
       * password clears the account's count. `work` must give nothing away: its result is dropped when other nodes have
       * reached the limit meanwhile. Without an address only the account counts, because all unknown clients would share
       * the limit of one address.
       *
       * @throws rate_limited · whatever `work` throws
       */
      async guard<T>(tried: LimitedLogin, work: () => Promise<T>) {
        const keys = limitKeysOf(tried);
        // The address first: once it is refused, it cannot fill the memory with accounts it makes up.
        const ofAddress = tried.address === null ? noReservation : await addresses.begin(keys.address);
        const ofPair = await pairs.begin(keys.pair).catch((refused: unknown) => {
          ofAddress.release();
          throw refused;
        });
        const result = await runReserved(work, [ofPair, ofAddress]);
        ofAddress.release();
        await ofPair.reset();
        return result;
      },
    }),
    registrations: Object.freeze({
      /**
       * Runs a registration. One counts that made an account, or that learned of one (`identifier_taken`). Without an
       * address none counts.
       *
       * @throws rate_limited before any work · whatever `work` throws
       */
      async guard<T>(address: string | null, work: () => Promise<T>) {
        if (address === null) return work();
        // Counted before the work: on two nodes at once, the work of one too many would already have made an account.
        const registration = await registrations.add(addressKey(address));
        try {
          if (registration.points > options.registrationsPerAddress) throw rateLimitFailure(registration);
          return await work();
        } catch (error) {
          if (!hasCode(error, 'identifier_taken')) await registration.refund();
          throw error;
        }
      },
    }),
    mails,
    mailProofs,
    accessTokens: Object.freeze({
      /** One more access token of the session, on this node. @throws rate_limited */
      take(sid: string) {
        assertTaken(accessTokens.take(sid));
      },
    }),
    profileChanges: Object.freeze({
      /** One more change of its profile by the user, on this node. @throws rate_limited */
      take(userId: string) {
        assertTaken(profileChanges.take(userId));
      },
    }),
    exports: Object.freeze({
      /** One more export of its data by the user, on this node. @throws rate_limited */
      take(userId: string) {
        assertTaken(exports.take(userId));
      },
    }),
    /** False when enough refusals were written down, on this node: a client could fill the audit. */
    auditedRefusals: Object.freeze({
      /** Of proofs of a session. */
      takeOfSession: (sid: string) => auditedRefusals.take(sid) === 0,
      /** Of sign-ins from an address. */
      takeOfAddress: (address: string | null) => auditedRefusals.take(addressKey(address)) === 0,
    }),
    /** Removes windows that have ended. Returns how many. */
    deleteExpired: () => deleteExpiredLimits(database),
  });
}

function assertTaken(retryAfterMs: number): void {
  if (retryAfterMs > 0) throw fail('rate_limited', { retryAfterMs });
}

function createMailLimits(database: Database) {
  const { perAddressInHour, perAddressInDay, perNetworkInHour, perTenantInHour } = mailLimits;
  const hour = 3_600;
  const storeOf = (name: string, points: number, windowSeconds: number) => ({
    points,
    store: createPointStore(database, { name, points, windowSeconds }),
  });
  const networks = storeOf('mail_network', perNetworkInHour, hour);
  const tenants = storeOf('mail_tenant', perTenantInHour, hour);
  const mailboxes = [storeOf('mail_hour', perAddressInHour, hour), storeOf('mail_day', perAddressInDay, 24 * hour)];
  return Object.freeze({
    /**
     * Counts a mail that is asked for. False: a limit is reached, and no mail may be sent. What comes after the limit that is reached
     * is not counted, so that one client does not use up what others may have.
     */
    async take({ tenantId, emailKey, address }: LimitedMail): Promise<boolean> {
      const mailbox = mailboxKey(tenantId, emailKey);
      const counted = [
        ...(address === null ? [] : [{ ...networks, key: addressKey(address) }]),
        ...mailboxes.map((one) => ({ ...one, key: mailbox })),
        { ...tenants, key: tenantId },
      ];
      for (const { store, points, key } of counted) if ((await store.add(key)).points > points) return false;
      return true;
    },
  });
}

/** Links and codes that clients of one address show, valid or not, as many as wrong passwords in the same window. */
function createMailProofLimits(storeOf: (name: string, points: number) => PointStore, limit: number) {
  const [inspected, used] = [storeOf('inspect_link', limit), storeOf('use_link', limit)];
  async function count(store: PointStore, address: string) {
    const counted = await store.add(addressKey(address));
    if (counted.points > limit) throw rateLimitFailure(counted);
    return counted;
  }
  return Object.freeze({
    /** Counts a link that is only inspected. Without an address none counts. @throws rate_limited */
    async takeInspection(address: string | null): Promise<void> {
      if (address !== null) await count(inspected, address);
    },
    /** Counts a link or a code before it is looked up. Without an address none counts. @throws rate_limited */
    async take(address: string | null): Promise<void> {
      if (address !== null) await count(used, address);
    },
    /**
     * Runs the look-up of a link or code, and counts it unless it succeeds: many users of one network may sign in.
     *
     * @throws rate_limited before any work · whatever `work` throws
     */
    async guard<T>(address: string | null, work: () => Promise<T>): Promise<T> {
      if (address === null) return work();
      const { refund } = await count(used, address);
      const result = await work();
      await refund();
      return result;
    },
  });
}

/** Runs the check of a password as a try that every one of the counters allows, also after it. */
async function runReserved<T>(work: () => Promise<T>, reservations: readonly Reservation[]): Promise<T> {
  try {
    const result = await work();
    await Promise.all(reservations.map((one) => one.assertWithin()));
    return result;
  } catch (error) {
    if (hasCode(error, 'invalid_credentials')) await Promise.all(reservations.map((one) => one.commit()));
    else for (const one of reservations) one.release();
    throw error;
  }
}

function hasCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof Failure && error.code === code;
}
