import type { Timers } from '../platform/timers.ts';
import type { WarnOnce } from '../platform/warn-once.ts';
import { generateKeyPair, type ProofKeyPair, toProofKeyPair } from './key-pair.ts';
import { createKeyStore, type KeyStoreDeps } from './key-store.ts';
import { makeProof, type ProofUse } from './make-proof.ts';
import { createProofSender, type ProofRequest, type SendWithProof } from './proof-sender.ts';
import { createServerClock } from './server-clock.ts';

/**
 * Why a sign-in is not bound to a key of this browser:
 * - `off`           the page does not want it
 * - `no_webcrypto`  no WebCrypto: a page on plain http
 * - `no_indexeddb`  IndexedDB is missing, forbidden, or cannot hold a key: some private windows, `file:`
 */
export type UnboundReason = 'off' | 'no_webcrypto' | 'no_indexeddb';

/** Proofs by the browser's key (RFC 9449). */
export interface Prover {
  /** Why there can be no key; nothing as long as none was needed, or when there can. */
  readonly unboundReason: UnboundReason | undefined;
  /** Thumbprint for `dpop_jkt`; makes the key when there is none. Nothing when sign-ins stay unbound. */
  ensureKey(): Promise<string | undefined>;
  /** A proof for one use; nothing when there is no key. */
  prove(use: ProofUse): Promise<string | undefined>;
  /** Sends a request with its proof, and once more when the answer only wants its nonce in it. */
  send(request: ProofRequest, attempt: SendWithProof): Promise<Response>;
  /** What was found when storage was last read. `none`: it works, and holds no key; what is bound is of no use here. */
  readonly keyStatus: 'key' | 'none' | 'unknown';
  /** Reads storage anew before the next proof: another tab may have made another key. */
  reloadKey(): void;
  /** The service's time, epoch milliseconds, just now. */
  learnTime(serverTime: number): void;
}

export interface ProverDeps extends Pick<KeyStoreDeps, 'indexedDb'> {
  /** Name of the database that holds the key. */
  readonly database: string;
  readonly timers: Timers;
  /** Gets why sign-ins are not bound, as a sentence. */
  readonly warnOnce?: WarnOnce | undefined;
  /** False: new sign-ins are not bound. What is bound already goes on. */
  readonly isWanted: boolean;
  /** Default: the platform's, which pages on plain http do not have. */
  readonly webCrypto?: () => SubtleCrypto | undefined;
}

export type ProverFactory = (needs: ProverDeps) => Prover;

/** The prover of one tab; it looks for the key when it is first asked. */
export function createProver(deps: ProverDeps): Prover {
  const { database, timers, isWanted, warnOnce, webCrypto = () => globalThis.crypto?.subtle } = deps;
  const store = createKeyStore({ ...deps, name: database });
  const clock = createServerClock(timers);
  let unboundReason: UnboundReason | undefined = isWanted ? undefined : 'off';
  let pair: Promise<ProofKeyPair | undefined> | undefined;
  let keyStatus: Prover['keyStatus'] = 'unknown';

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
  /** Remembers the key, and no trouble: the next call tries again. */
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
    get unboundReason() {
      return unboundReason;
    },
    async ensureKey() {
      if (!isWanted) return undefined;
      const made = await loadKey(
        async (subtle) => (await store.find()) ?? store.findOrPut(await generateKeyPair(subtle)),
      );
      return made?.thumbprint;
    },
    prove,
    send: createProofSender(prove),
    get keyStatus() {
      return keyStatus;
    },
    reloadKey() {
      pair = undefined;
    },
    learnTime: clock.learn,
  });
}
