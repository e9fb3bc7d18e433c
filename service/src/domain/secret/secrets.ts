import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { type Failure, fail } from '@latchkey/contract';
import { sha256, toBase64url } from '../../base/bytes.ts';
import { type Clock, pause } from '../../base/clock.ts';
import type { Db } from '../../db/schema.ts';
import { readSecretKids, rememberSecretKids } from './secret-store.ts';

export type Purpose = 'code' | 'session' | 'key-wrap' | 'dpop-nonce';

/** The service's secrets, newest first, as keys of a purpose each (HKDF, RFC 5869). */
export interface Secrets {
  /** Names the newest secret; a secret cannot be told from its kid. */
  readonly currentKid: string;
  /** The key of a purpose; `undefined` when this node does not have that secret. */
  key(purpose: Purpose, kid: string): KeyObject | undefined;
  /** The keys of a purpose, the newest first. */
  keys(purpose: Purpose): readonly KeyObject[];
  /** Writes this node's kids into the table of all that were ever used. */
  register(db: Db): Promise<void>;
  /**
   * What a credential under a kid that this node lacks means: `unavailable` when another node has used it (a roll-out
   * that is not complete), else `token_invalid`.
   */
  judgeUnknown(db: Db, kid: string): Promise<Failure>;
}

const rereadMs = 250;

/**
 * @param secrets newest first, each at least 32 bytes
 * @example
 * const secrets = createSecrets(['…'], { clock });
 * await secrets.register(db);
 */
export function createSecrets(secrets: readonly string[], { clock }: { clock: Clock }): Secrets {
  if (secrets.length === 0) throw new TypeError('createSecrets needs at least one secret.');
  const byKid = new Map(secrets.map((secret) => [kidOf(secret), deriveAll(secret)]));
  let known: ReadonlySet<string> = new Set();
  let readAt = Number.NEGATIVE_INFINITY;
  let next: Promise<void> | undefined;

  /**
   * A reading that begins after this call. Strangers choose kids, so readings keep their distance and all who ask
   * share the next one; an older one would not do, since a new node may have told its kid after it.
   */
  function reread(db: Db): Promise<void> {
    next ??= pause(clock, Math.max(0, readAt + rereadMs - clock.monotonic())).then(async () => {
      next = undefined;
      readAt = clock.monotonic();
      known = new Set(await readSecretKids(db));
    });
    return next;
  }

  async function isKnown(db: Db, kid: string): Promise<boolean> {
    if (!known.has(kid)) await reread(db);
    return known.has(kid);
  }

  return Object.freeze({
    currentKid: kidOf(secrets[0]!),
    key: (purpose: Purpose, kid: string) => byKid.get(kid)?.[purpose],
    keys: (purpose: Purpose) => [...byKid.values()].map((derived) => derived[purpose]),
    register: (db: Db) => rememberSecretKids(db, [...byKid.keys()]),
    async judgeUnknown(db: Db, kid: string) {
      return (await isKnown(db, kid))
        ? fail('unavailable', { detail: `secret ${kid} is missing on this node`, retryAfterMs: 1_000 })
        : fail('token_invalid', { detail: 'unknown kid' });
    },
  });
}

function kidOf(secret: string): string {
  return toBase64url(sha256('latchkey-kid', secret).subarray(0, 9));
}

function deriveAll(secret: string): Record<Purpose, KeyObject> {
  const derive = (purpose: Purpose) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', secret, 'latchkey', `latchkey ${purpose}`, 32)));
  return {
    code: derive('code'),
    session: derive('session'),
    'key-wrap': derive('key-wrap'),
    'dpop-nonce': derive('dpop-nonce'),
  };
}
