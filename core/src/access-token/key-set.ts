import type { KeyObject } from 'node:crypto';
import { paths } from '@latchkey/contract';
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../base/clock.ts';

/** The service's public keys: fetched in one flight, the last good set kept for as long as the service is away. */
export interface KeySet {
  readonly key: JWTVerifyGetKey;
  /**
   * Fetches the set as it is from now on, so not by a fetch that is on its way already; rejects when that failed, and the
   * last good set stays.
   */
  reload(): Promise<void>;
}

interface KeySetDeps {
  readonly url: string;
  readonly clock: Clock;
}

/** After a failed fetch others fail at once for so long: unknown key ids must not become a storm at the service. */
const failedMs = 1_000;
/** After a good fetch an unknown key id leads to no other one for so long. */
const cooldownMs = 10_000;

export function createRemoteKeySet({ url, clock }: KeySetDeps): KeySet {
  let failedUntil = Number.NEGATIVE_INFINITY;
  let reason = '';
  const remote = createRemoteJWKSet(new URL(`${url}${paths.jwks}`), {
    cacheMaxAge: Number.POSITIVE_INFINITY,
    cooldownDuration: cooldownMs,
    timeoutDuration: 5_000,
    [customFetch]: async (address, init) => {
      if (clock.monotonic() < failedUntil) throw new Error(reason);
      failedUntil = clock.monotonic() + failedMs;
      reason = `${address} has not answered yet`;
      try {
        const answer = await fetchKeys(address, init);
        failedUntil = Number.NEGATIVE_INFINITY;
        return answer;
      } catch (error) {
        reason = (error as Error).message;
        throw error;
      }
    },
  });
  return Object.freeze<KeySet>({
    key: remote,
    async reload() {
      if (remote.reloading) await remote.reload().catch(() => {});
      await remote.reload();
    },
  });
}

/** @throws Error that says why there are no keys: the error of the network, the status, or the body */
async function fetchKeys(address: string, init: RequestInit): Promise<Response> {
  const answer = await fetch(address, init).catch((error: unknown) => {
    if (init.signal?.aborted) throw error;
    throw new Error(`${address}: ${networkReasonOf(error)}`, { cause: error });
  });
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => undefined);
  if (!holdsKeys(body)) throw new Error(`${address} answered without keys`);
  return answer;
}

/** What Node's fetch hides: its own error says "fetch failed" alone. */
function networkReasonOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown; message?: unknown } };
  return String(cause?.code ?? cause?.message ?? error);
}

const holdsKeys = (answer: unknown): boolean =>
  typeof answer === 'object' && answer !== null && 'keys' in answer && Array.isArray(answer.keys);

/** Keys that this process holds itself. `find` answers `undefined` for a key id that it does not know. */
export function createLocalKeySet(find: (kid: string) => Promise<KeyObject | undefined>): KeySet {
  if (typeof find !== 'function') throw new TypeError('keySetOf takes a function that finds a key by its id');
  return Object.freeze<KeySet>({
    async key({ kid = '' }) {
      const found = await find(kid);
      if (found === undefined) throw new errors.JWKSNoMatchingKey();
      return found;
    },
    reload: async () => {},
  });
}
