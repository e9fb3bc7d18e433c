import type { Timers } from '../platform/timers.ts';
import type { WarnOnce } from '../platform/warn-once.ts';
import { generateKeyPair, type ProofKeyPair, toProofKeyPair } from './key-pair.ts';
import { createKeyStore, type KeyStoreDeps } from './key-store.ts';
import { makeProof, type ProofUse } from './make-proof.ts';
import { createProofSender } from './proof-sender.ts';
import { createServerClock } from './server-clock.ts';

/**
 * Why a sign-in is not bound to a key of this browser:
 * - `off`           the option `useDpop` is false, or the entry is `unbound`
 * - `no_webcrypto`  WebCrypto is missing, as on plain http
 * - `no_indexeddb`  IndexedDB is missing, forbidden, or cannot hold a key, as in some private windows and on `file:`
 */
export type UnboundReason = 'off' | 'no_webcrypto' | 'no_indexeddb';

export interface ProverDeps extends Pick<KeyStoreDeps, 'indexedDb'> {
  /** Name of the database that holds the key. */
  readonly database: string;
  readonly timers: Timers;
  /** Receives a warning when sign-ins are not bound. */
  readonly warnOnce?: WarnOnce | undefined;
  /** False: new sign-ins are not bound. Proofs for a bound session are still made. */
  readonly isWanted: boolean;
  /** Default: that of the platform, which is missing on plain http. */
  readonly webCrypto?: () => SubtleCrypto | undefined;
}

/** Creates a prover. */
export type ProverFactory = (deps: ProverDeps) => Prover;

/** Creates the prover of one tab. It reads the key at the first call. */
export function createProver(deps: ProverDeps) {
  const { database, timers, isWanted, warnOnce, webCrypto = () => globalThis.crypto?.subtle } = deps;
  const store = createKeyStore({ ...deps, name: database });
  const clock = createServerClock(timers);
  let unboundReason: UnboundReason | undefined = isWanted ? undefined : 'off';
  let pair: Promise<ProofKeyPair | undefined> | undefined;
  let keyStatus: 'key' | 'none' | 'unknown' = 'unknown';

  const disable = (why: UnboundReason): undefined => {
    keyStatus = 'unknown';
    if (!isWanted) return;
    unboundReason = why;
    warnOnce?.(why, `${why}: sign-ins are not bound to a key of this browser. A key needs https and IndexedDB.`);
  };
  const open = async (read: (subtle: SubtleCrypto) => Promise<CryptoKeyPair | undefined>) => {
    const subtle = webCrypto();
    if (subtle === undefined) return disable('no_webcrypto');
    const stored = await read(subtle);
    keyStatus = stored === undefined ? 'none' : 'key';
    if (isWanted) unboundReason = undefined;
    return stored === undefined ? undefined : toProofKeyPair(stored, subtle);
  };
  /** Reads the key and keeps it. After a failure the next call reads again. */
  const loadKey = async (read: Parameters<typeof open>[0]): Promise<ProofKeyPair | undefined> => {
    const reading = open(read).catch(() => disable('no_indexeddb'));
    pair = reading;
    const opened = await reading;
    if (opened === undefined && pair === reading) pair = undefined;
    return opened;
  };
  const prove = async (use: ProofUse): Promise<string | undefined> => {
    const key = await (pair ?? loadKey(store.find));
    const subtle = webCrypto();
    if (key === undefined || subtle === undefined) return undefined;
    return makeProof(key, use, clock.seconds(), subtle).catch(() => undefined);
  };
  return Object.freeze({
    /** Why sign-ins are not bound. `undefined` before the key was first read, and when there is one. */
    get unboundReason() {
      return unboundReason;
    },
    /** Resolves with the thumbprint for `dpop_jkt`, and creates a missing key. `undefined` when sign-ins are not bound. */
    async ensureKey() {
      if (!isWanted) return undefined;
      const made = await loadKey(
        async (subtle) => (await store.find()) ?? store.findOrPut(await generateKeyPair(subtle)),
      );
      return made?.thumbprint;
    },
    /** Resolves with a proof for one use, or `undefined` without a key. */
    prove,
    /** Sends a request with its proof, and once more when the answer requires a nonce. */
    send: createProofSender(prove),
    /** Result of the last read. `none`: the storage works and has no key, so a bound session cannot be used here. */
    get keyStatus() {
      return keyStatus;
    },
    /** Reads the key again before the next proof, because another tab may have created one. */
    reloadKey() {
      pair = undefined;
    },
    /** Sets the current time of the service, in epoch milliseconds. */
    learnTime: clock.learn,
  });
}

/** Makes proofs by the key of the browser (RFC 9449). */
export type Prover = ReturnType<typeof createProver>;
