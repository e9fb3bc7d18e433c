import { assertOptions, type Failure, fail, type OptionNames } from '@latchkey/contract';
import type { Clock } from '../base/clock.ts';
import { checkProofClaims, maxProofAgeSeconds, type ProofTarget } from './check-proof-claims.ts';
import { createNonces, type NonceKeys } from './nonces.ts';
import { normalizeHtu } from './normalize-htu.ts';
import { createPossessionCheck, type PossessionCheck } from './possession.ts';
import { createReadProof } from './read-proof.ts';
import { createReplayCache } from './replay-cache.ts';

/** The one check of proofs of possession (RFC 9449 §4.3). */
export interface Proofs {
  /**
   * The thumbprint (RFC 7638) of the key that made the proof, which is good and was not shown here before. Whether it is
   * the right key, the caller compares.
   *
   * @throws proof_invalid · use_dpop_nonce it would be good with the nonce of {@link Proofs.nonce}
   */
  check(proof: string, target: ProofTarget): Promise<string>;
  /** Whether who shows an access token may, bound or not. */
  readonly checkPossession: PossessionCheck;
  /** The current value of `DPoP-Nonce`. */
  nonce(): string;
}

/** Dependencies of {@link createProofs}. */
export interface ProofsDeps {
  readonly clock: Clock;
  /** Shared by the nodes behind one address. Default: a random one of this process. */
  readonly nonceKeys?: NonceKeys | (() => NonceKeys) | undefined;
  /**
   * Maximum number of remembered proofs, so that none is accepted twice. Above it all are forgotten, and no earlier
   * proof is accepted: the next request of each client needs the newest nonce. Default: 100,000, about 20 MB.
   */
  readonly maxRemembered?: number | undefined;
}

const names: OptionNames<ProofsDeps> = { clock: 'object', nonceKeys: true, maxRemembered: 'positive number' };

/**
 * @throws TypeError for an unknown option
 * @example
 * const proofs = createProofs({ clock: createSystemClock(), nonceKeys: [key] });
 * const jkt = await proofs.check(request.headers.dpop, { htm: 'GET', htu: ['https://api.example/me'], credential: token });
 */
export function createProofs(deps: ProofsDeps): Proofs {
  assertOptions('createProofs', deps, names);
  const { clock, nonceKeys, maxRemembered } = deps;
  const nonces = createNonces({ clock, keys: nonceKeys });
  const readProof = createReadProof();
  let minIatSeconds = Number.NEGATIVE_INFINITY;
  const replays = createReplayCache({
    clock,
    maxEntries: maxRemembered,
    onOverflow() {
      nonces.rotate();
      minIatSeconds = clock.now() / 1_000 + maxProofAgeSeconds;
    },
  });

  async function check(jwt: string, target: ProofTarget): Promise<string> {
    const proof = readProof(jwt);
    if (proof === undefined) throw fail('proof_invalid', { reason: 'proof_unfit', detail: 'no proof' });
    const time = { nowSeconds: clock.now() / 1_000, isNonce: nonces.isRecent, minIatSeconds };
    const verdict = checkProofClaims(proof.claims, target, time);
    if (verdict === 'nonce') throw fail('use_dpop_nonce', { reason: 'proof_nonce_needed' });
    if (verdict === 'address') throw urlMismatch(proof.claims.htu, target.htu);
    if (verdict !== 'good') throw fail('proof_invalid', { reason: 'proof_unfit', detail: `of another ${verdict}` });
    // A connection's nonce is of one connection; nothing has to be remembered.
    if (target.connectionId === undefined && !replays.addIfNew(proof))
      throw fail('proof_invalid', { reason: 'proof_repeated', detail: 'shown before' });
    return proof.jkt;
  }

  return Object.freeze<Proofs>({ check, checkPossession: createPossessionCheck(check), nonce: nonces.current });
}

/** Longest URL of a proof in a log, in characters. */
const maxUrlLength = 200;

/** Names scheme, host and path alone: a query may hold secrets. */
function urlMismatch(shown: string, expected: readonly string[]): Failure {
  const urls = expected.flatMap((url) => normalizeHtu(url) ?? []);
  const named = (normalizeHtu(shown) ?? 'no URL').slice(0, maxUrlLength);
  const detail = `the proof names ${named}, expected ${urls.length === 0 ? 'no URL' : urls.join(' or ')}`;
  return fail('proof_invalid', { reason: 'proof_of_other_url', detail });
}
