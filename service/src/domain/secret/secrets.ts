import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { fail } from '@latchkey/contract';
import type { Clock } from '@latchkey/core/internal';
import { sha256, toBase64url } from '../../base/bytes.ts';
import { delay } from '../../base/delay.ts';
import type { WrappingKeys } from '../../base/wrap.ts';
import type { Db } from '../../db/schema.ts';
import { withRetry } from '../../db/transaction.ts';
import { deleteMissingKids, isKidActive, readActiveKids, readSecretKids, recordSecretKids } from './secret-store.ts';

const purposes = [
  'code',
  'session',
  'key-wrap',
  'dpop-nonce',
  'audit-address',
  'data-wrap',
  'mail-code',
  'request-probe',
] as const;
type KeyPurpose = (typeof purposes)[number];

const rereadMs = 250;
/** How long a kid that was read counts as known. */
const maxKnownAgeMs = 60_000;

/** Some registrations of a node that lives may fail. */
const activeSeconds = 20 * 60;
/** Twice the interval at which nodes show their kids. */
const shownSeconds = 10 * 60;
/** Time to notice a secret that was left out everywhere: afterwards browsers throw its tokens away. */
const missingSeconds = 24 * 3_600;

export type Secrets = ReturnType<typeof createSecrets>;

/**
 * The service's secrets, newest first, as keys of a purpose each (HKDF, RFC 5869).
 *
 * @param read returns the secrets, newest first, each at least 32 bytes
 * @param deps.onMissing is called for a credential under a secret that other nodes have. Default: nothing
 * @example
 * const secrets = createSecrets(() => ['…'], { clock });
 * secrets.load();
 * await secrets.register(db);
 */
export function createSecrets(
  read: () => readonly string[],
  { clock, onMissing = () => {} }: { clock: Clock; onMissing?: () => void },
) {
  let byKid: ReadonlyMap<string, Record<KeyPurpose, KeyObject>> = new Map();
  let known: ReadonlySet<string> = new Set();
  let readAt = Number.NEGATIVE_INFINITY;
  let next: Promise<void> | undefined;

  /**
   * A read that begins after this call. Clients choose kids, so reads have a minimum interval and all callers share the
   * next one. An older read is not enough, because a new node may have recorded its kid after it.
   */
  function reread(db: Db): Promise<void> {
    next ??= delay(clock, Math.max(0, readAt + rereadMs - clock.monotonic())).then(async () => {
      next = undefined;
      readAt = clock.monotonic();
      known = new Set(await readSecretKids(db));
    });
    return next;
  }

  const currentKid = () => [...byKid.keys()][0] ?? '';

  async function isKnown(db: Db, kid: string): Promise<boolean> {
    if (!known.has(kid) || clock.monotonic() - readAt > maxKnownAgeMs) await reread(db);
    return known.has(kid);
  }

  return Object.freeze({
    /** Reads the secrets. Before, there are no keys. @throws TypeError there is none */
    load() {
      byKid = new Map(read().map((secret) => [kidOf(secret), deriveAll(secret)]));
      if (byKid.size === 0) throw new TypeError('There has to be at least one secret.');
    },
    /** Identifies the newest secret. The secret cannot be derived from its kid. */
    get currentKid() {
      return currentKid();
    },
    /** The key of a purpose; `undefined` when this node does not have that secret. */
    key: (purpose: KeyPurpose, kid: string) => byKid.get(kid)?.[purpose],
    /** The keys that wrap data at rest. */
    wrappingKeys: (purpose: 'key-wrap' | 'data-wrap'): WrappingKeys => ({
      get currentKid() {
        return currentKid();
      },
      key: (kid: string) => byKid.get(kid)?.[purpose],
    }),
    /** The keys of a purpose, the newest first. */
    keys: (purpose: KeyPurpose) => [...byKid.values()].map((derived) => derived[purpose]),
    // Nodes of two roll-outs may each hold a row that the other one wants.
    /** Writes this node's kids into the table of those in use; a job calls it each five minutes. */
    register: (db: Db) => withRetry(() => recordSecretKids(db, [...byKid.keys()], activeSeconds)),
    /** Whether the newest secret is one of the running nodes, or was one of the last that ran. */
    isUsedByNodes: (db: Db) => isKidActive(db, currentKid()),
    /** Compares these secrets with those of the nodes that run now, or that ran last. */
    async compareWithNodes(db: Db) {
      const active = await readActiveKids(db, shownSeconds);
      return {
        /** No node has run on this database. */
        isFirst: active.length === 0,
        /** Secrets of nodes that are missing here. */
        missing: active.filter((kid) => !byKid.has(kid)).length,
        /** Nodes have the newest of these secrets. */
        isNewestUsed: active.includes(currentKid()),
      };
    },
    /** Deletes kids that no running node has had for a day. Returns how many. */
    deleteMissing: (db: Db) => deleteMissingKids(db, missingSeconds),
    /**
     * What a credential under a kid that this node lacks means: `unavailable` when a node had it within a day (a roll-out
     * that is not complete, or a secret that was left out by mistake), else `token_invalid`.
     */
    async classifyUnknownKid(db: Db, kid: string) {
      if (!(await isKnown(db, kid))) return fail('token_invalid', { detail: 'unknown kid' });
      onMissing();
      return fail('unavailable', { detail: `secret ${kid} is missing on this node`, retryAfterMs: 1_000 });
    },
  });
}

function kidOf(secret: string): string {
  return toBase64url(sha256('latchkey-kid', secret).subarray(0, 9));
}

function deriveAll(secret: string): Record<KeyPurpose, KeyObject> {
  const derive = (purpose: KeyPurpose) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', secret, 'latchkey', `latchkey ${purpose}`, 32)));
  return Object.fromEntries(purposes.map((purpose) => [purpose, derive(purpose)])) as Record<KeyPurpose, KeyObject>;
}
