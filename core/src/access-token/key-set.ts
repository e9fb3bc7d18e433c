import type { KeyObject } from 'node:crypto';
import { paths } from '@latchkey/contract';
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { singleFlight } from '../base/single-flight.ts';
import { ecPublicJwk, toPublicKey } from '../jwt/jwk.ts';

/** The service's public keys. */
export interface KeySet {
  /** Returns `undefined` if no key has this id. @throws Error the keys cannot be read */
  find(kid: string): KeyObject | undefined | Promise<KeyObject | undefined>;
  /**
   * Fetches the set again. A fetch that is already in flight does not count. If it fails, it rejects and keeps the last set.
   */
  reload(): Promise<void>;
}

interface KeySetDeps {
  readonly url: string;
  readonly clock: Clock;
}

type Keys = ReadonlyMap<string, KeyObject>;

/** After a failed fetch, further ones fail at once for this time, so that unknown key ids do not load the service. */
const failedMs = 1_000;
/** After a good fetch, an unknown key id causes no other one for this time. */
const cooldownMs = 10_000;
const timeoutMs = 5_000;

/** Fetches the set at the first use, with one request at a time. The last good set is kept while the service is away. */
export function createRemoteKeySet({ url, clock }: KeySetDeps): KeySet {
  const address = `${url}${paths.jwks}`;
  let keys: Keys | undefined;
  let loadedAt = Number.NEGATIVE_INFINITY;
  let failure: { readonly until: number; readonly error: unknown } | undefined;

  const load = singleFlight(async () => {
    if (failure !== undefined && clock.monotonic() < failure.until) throw failure.error;
    try {
      keys = await fetchKeys(address);
      loadedAt = clock.monotonic();
      failure = undefined;
      return keys;
    } catch (error) {
      failure = { until: clock.monotonic() + failedMs, error };
      throw error;
    }
  });

  const isCoolingDown = () => clock.monotonic() - loadedAt < cooldownMs;

  return Object.freeze<KeySet>({
    find(kid) {
      const known = keys?.get(kid);
      return known !== undefined || isCoolingDown() ? known : load().then((loaded) => loaded.get(kid));
    },
    async reload() {
      await load.fresh();
    },
  });
}

const jwkSet = z.object({ keys: z.array(z.unknown()) });
const namedKey = ecPublicJwk.extend({ kid: z.string().min(1), alg: z.literal('ES256').optional() });

/** @throws Error that says why there are no keys: the error of the network, the status, or the body */
async function fetchKeys(address: string): Promise<Keys> {
  const headers = { accept: 'application/json, application/jwk-set+json' };
  const options = { headers, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) } as const;
  const response = await fetch(address, options).catch((error: unknown) => {
    throw new Error(`${address}: ${networkReasonOf(error)}`, { cause: error });
  });
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  const body = jwkSet.safeParse(await response.json().catch(() => undefined));
  if (!body.success) throw new Error(`${address} answered without keys`);
  return new Map(body.data.keys.flatMap(toEntry));
}

/** Keys of other kinds are left out. */
function toEntry(jwk: unknown): [string, KeyObject][] {
  try {
    const key = namedKey.parse(jwk);
    return [[key.kid, toPublicKey(key)]];
  } catch {
    return [];
  }
}

/** The reason behind the error of Node's fetch, whose own message is only "fetch failed". */
function networkReasonOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown; message?: unknown } };
  return String(cause?.code ?? cause?.message ?? error);
}
