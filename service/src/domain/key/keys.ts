import { fail } from '@latchkey/contract';
import { type Clock, singleFlight } from '@latchkey/core/internal';
import type { WrappingKeys } from '../../base/wrap.ts';
import type { Db } from '../../db/schema.ts';
import { type Transaction, type TransactionBounds, withTransaction } from '../../db/transaction.ts';
import { generateSigningKeyPair, type SigningKeyPair } from './key.ts';
import {
  isRotationDue,
  type KeyAction,
  type KeyStatus,
  planDeletion,
  planInitialKeys,
  planRotation,
} from './key-rotation.ts';
import * as store from './key-store.ts';
import { wrapKey } from './key-wrap.ts';
import { type LoadedKey, loadKey } from './loaded-key.ts';

/** Writes down, in the transaction of a rotation, which key is current now. */
type OnRotated = (tx: Db, kid: string) => Promise<void>;

interface SigningKeysOptions {
  readonly db: Db;
  readonly wrap: WrappingKeys;
  readonly clock: Clock;
  /** How long a retired key verifies: longer than the longest access token lives and nodes take to notice. */
  readonly overlapSeconds: number;
  /** Is called when there is no key that this node can sign with, because it lacks the secret. Default: nothing. */
  readonly onMissingSecret?: () => void;
}

type LoadedKeys = ReadonlyMap<string, LoadedKey>;

const rereadMs = 5_000;
/** Without a reading for so long, in ms, the current key may have been replaced and its successor retired. */
const maxAgeMs = 120_000;
const noKeys: LoadedKeys = new Map();

export type SigningKeys = ReturnType<typeof createSigningKeys>;

/**
 * The signing keys of access tokens: ES256, kept wrapped in the database, read again by every node.
 *
 * A key that cannot be unwrapped here (its secret is missing on this node) is still published and still verifies;
 * only {@link SigningKeys.current} is `unavailable` while it is the one to sign with. One that was unwrapped before stays
 * usable until the process ends.
 *
 * @example
 * const keys = createSigningKeys({ db, wrap, clock, overlapSeconds: 375 });
 * await keys.start();
 * const { kid, privateKey } = keys.current();
 */
export function createSigningKeys({ db, wrap, clock, overlapSeconds, onMissingSecret = () => {} }: SigningKeysOptions) {
  let loaded = noKeys;
  let stopped = false;
  let rereadAt = Number.NEGATIVE_INFINITY;
  let loadedAt = Number.NEGATIVE_INFINITY;
  let expiries = 0;

  const signer = () => [...loaded].find(([, { state, privateKey }]) => state === 'current' && privateKey !== undefined);
  const currentKid = () => [...loaded].find(([, { state }]) => state === 'current')?.[0];
  const reload = singleFlight(async () => {
    const [readAt, before] = [clock.monotonic(), expiries];
    const rows = await store.readKeys(db);
    if (stopped) return;
    if (expiries === before) loadedAt = readAt;
    loaded = new Map(rows.flatMap((row) => loadKey(row, wrap, loaded.get(row.kid)?.privateKey)));
  });
  const toStatus = ({ kid, state, createdAt, retiredAtMs }: store.StoredKey): KeyStatus => {
    const usable = loaded.get(kid)?.privateKey !== undefined;
    return { kid, state, createdAtMs: createdAt.getTime(), retiredAtMs, usable };
  };

  /** Clients choose kids, so the table is read at most every few seconds, and callers wait for the next read. */
  const reread = singleFlight(async () => {
    if (clock.monotonic() - rereadAt < rereadMs) return;
    rereadAt = clock.monotonic();
    await reload();
  });

  async function take(handle: Db, step: KeyAction, pairs: SigningKeyPair[]): Promise<boolean> {
    if ('retire' in step) return store.retireKey(handle, step.retire, step.from);
    if ('promote' in step) return store.promoteKey(handle, step.promote);
    const { kid, point, privateKey } = pairs.pop()!;
    return store.insertKey(handle, { kid, state: step.make, point, wrapped: wrapKey(wrap, kid, privateKey) });
  }

  /** Keys under an older secret move to the newest, so that the older one can be taken away one day. */
  async function rewrap(rows: readonly store.StoredKey[]): Promise<void> {
    for (const { kid, wrapped } of rows) {
      const privateKey = loaded.get(kid)?.privateKey;
      if (privateKey !== undefined && wrapped.wrapKid !== wrap.currentKid)
        await store.rewrapKey(db, kid, wrapped, wrapKey(wrap, kid, privateKey));
    }
  }

  /** Replaces the current key, if it is still `known`. */
  async function rotateFrom(known: string | undefined, handle: Db, record: OnRotated, deadline?: TransactionBounds) {
    // Read before the transaction. The guard of the first step detects a concurrent decision on the same rows.
    const facts = (await store.readKeys(handle)).map(toStatus);
    const isOurs = known === undefined || facts.some(({ kid, state }) => state === 'current' && kid === known);
    const rotated = isOurs && (await takeAll(handle, planRotation(facts), { take, record, deadline }));
    return { kid: await reloadCommitted(), rotated };
  }

  function current() {
    const found = signer();
    if (found !== undefined) return { kid: found[0], privateKey: found[1].privateKey! };
    onMissingSecret();
    throw fail('unavailable', { detail: 'no signing key that this node can use', retryAfterMs: 1_000 });
  }

  /** Reads what a commit has just changed. @returns the key that is current now */
  async function reloadCommitted(): Promise<string> {
    await reload.fresh();
    return currentKid()!;
  }

  return Object.freeze({
    /** Reads the table again; a job calls it each 30 s. */
    reload: async () => reload(),
    /** Makes the first keys when there are none, and loads. Safe when nodes start together. */
    async start() {
      stopped = false;
      const rows = await store.readKeys(db);
      // Each insert is independent: of nodes that start together the first one succeeds, state by state.
      for (const step of planInitialKeys(rows.map(toStatus))) await take(db, step, [await generateSigningKeyPair()]);
      await reload();
      await rewrap(rows);
      if (signer() === undefined) onMissingSecret();
    },
    async stop() {
      stopped = true;
      loaded = noKeys;
    },
    /** The key to sign with, from memory. @throws unavailable not loaded, or wrapped under a secret this node lacks */
    current,
    /**
     * The key to sign with, read anew where the last reading is old: a node that was suspended may have missed a rotation,
     * and the end of the key that it knows. @throws unavailable as {@link SigningKeys.current}
     */
    async findCurrent() {
      if (!stopped && clock.monotonic() - loadedAt > maxAgeMs) await reload();
      return current();
    },
    /** Forgets when the table was read: time has passed that the clock of this process did not count. */
    expire() {
      loadedAt = Number.NEGATIVE_INFINITY;
      expiries += 1;
    },
    /** Whether {@link SigningKeys.current} has one. */
    canSign: () => signer() !== undefined,
    /** Returns a key that verifies tokens, from memory. */
    publicKey: (kid: string) => loaded.get(kid)?.publicKey,
    /** Returns a key that verifies tokens. An unknown `kid` reads the table again, at most every five seconds. */
    async findPublicKey(kid: string) {
      if (!loaded.has(kid)) await reread();
      return loaded.get(kid)?.publicKey;
    },
    /** The JWK Set (RFC 7517): current, next, then the ones that still verify. */
    jwks: () => ({ keys: [...loaded.values()].map(({ jwk }) => jwk) }),
    /** Every key as the table has it and as operators see it: current, next, then previous. */
    async list(handle: Db) {
      const rows = await store.readKeys(handle);
      return rows.map(({ kid, state, createdAt, retiredAtMs }) => {
        return { kid, state, createdAt, retiredAt: retiredAtMs === null ? null : new Date(retiredAtMs) };
      });
    },
    /**
     * The next key becomes current, and the current one keeps verifying. Replaces the key that this node signed with when
     * it was called. If another node has replaced that one, nothing is done, because the next key may not have reached
     * every node. `rotated` is false then. Takes the database, not a transaction: `record` writes in the transaction of
     * the rotation.
     *
     * @param deadline of the request; default: none
     * @throws unavailable the deadline passed, or the keys are stopped
     */
    async rotate(handle: Db, record: OnRotated = async () => {}, deadline?: TransactionBounds) {
      if (stopped) throw fail('unavailable', { detail: 'the keys are stopped' });
      const known = currentKid();
      await reload();
      return rotateFrom(known, handle, record, deadline);
    },
    /**
     * {@link SigningKeys.rotate} once the current key has signed for the interval, by the clock of the database. Nodes that
     * call it at the same time rotate once.
     *
     * @returns what the rotation returned; `undefined`: it is not due, or this node lacks the secret of a key
     */
    async rotateWhenDue(handle: Db, intervalMs: number, record: OnRotated = async () => {}) {
      if (stopped) return undefined;
      await reload();
      const rows = await store.readKeys(handle);
      if (!isRotationDue(rows.map(toStatus), rows[0]?.nowMs ?? 0, intervalMs)) return undefined;
      return rotateFrom(rows[0]?.kid, handle, record);
    },
    /**
     * Withdraws every key, also those that only verify, and makes new ones, in one transaction with `claim`; when that
     * says false, nothing is done. Reads the table again in both cases.
     *
     * @returns the key that is current afterwards
     */
    async replace(handle: Db, claim: (tx: Db) => Promise<boolean>) {
      const pairs = [await generateSigningKeyPair(), await generateSigningKeyPair()];
      const replaced = await withTransaction(handle, async ({ tx }) => {
        if (!(await claim(tx))) return false;
        await store.deleteKeys(tx);
        for (const step of planInitialKeys([])) await take(tx, step, pairs);
        return true;
      });
      return { kid: await reloadCommitted(), replaced };
    },
    /** Removes keys that no live token can name any more. Returns how many. */
    async deleteRetired(handle: Db) {
      const rows = await store.readKeys(handle);
      const retired = planDeletion(rows.map(toStatus), rows[0]?.nowMs ?? 0, overlapSeconds);
      return store.deleteRetiredKeys(handle, retired);
    },
  });
}

type Take = (handle: Db, step: KeyAction, pairs: SigningKeyPair[]) => Promise<boolean>;

/** All steps in one transaction, or none: false when another node was first. */
async function takeAll(
  db: Db,
  steps: readonly KeyAction[],
  { take, record, deadline }: { take: Take; record: OnRotated; deadline: TransactionBounds | undefined },
): Promise<boolean> {
  const made = await Promise.all(steps.filter((step) => 'make' in step).map(generateSigningKeyPair));
  const lost = new Error('Another node has rotated the keys at the same moment.');
  try {
    const takeEach = async ({ tx }: Transaction) => {
      const pairs = [...made];
      for (const step of steps) if (!(await take(tx, step, pairs))) throw lost;
      const [current] = await store.readKeys(tx);
      await record(tx, current!.kid);
    };
    await withTransaction(db, takeEach, deadline);
    return true;
  } catch (error) {
    if (error === lost) return false;
    throw error;
  }
}
