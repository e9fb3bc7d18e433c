import { createHash } from 'node:crypto';
import type { ProofClaims } from '@latchkey/contract';
import { comparableUrl } from './comparable-url.ts';

/** What a proof has to fit. */
export interface ProofTarget {
  /** Method of the request; `SOCKET` on a socket. */
  readonly htm: string;
  /** URLs under which it may have been sent, any of them; query and fragment do not count. */
  readonly htu: readonly string[];
  /** What `ath` has to be the hash of; absent: the proof comes without a credential of that kind (token endpoint). */
  readonly credential?: string | undefined;
  /** On a socket: SHA-256 of its connection's engine id, the only good nonce. */
  readonly connectionId?: string | undefined;
  /** The server's own nonce is needed; otherwise a fresh `iat` does as well. */
  readonly needsNonce?: boolean | undefined;
}

/** `nonce`: everything fits but the time; with the server's newest nonce it would be good. */
type ProofVerdict = 'good' | 'nonce' | 'method' | 'address' | 'credential' | 'connection';

/** How far `iat` may be from this machine's clock, in seconds, either way. */
export const freshSeconds = 60;

/** What a proof's own time is compared with. */
interface ProofTime {
  readonly nowSeconds: number;
  readonly isNonce: (nonce: string) => boolean;
  /** An `iat` up to here may be of a proof that was shown and is remembered no more. */
  readonly forgottenSeconds: number;
}

/** Decides what a proof with a good signature is worth (RFC 9449 §4.3, checks 8 to 12); changes nothing. */
export function judgeProof(claims: ProofClaims, target: ProofTarget, time: ProofTime): ProofVerdict {
  if (claims.htm !== target.htm) return 'method';
  if (!isAddressed(claims.htu, target.htu)) return 'address';
  if (target.credential !== undefined && claims.ath !== athOf(target.credential)) return 'credential';
  if (target.connectionId !== undefined) return claims.nonce === target.connectionId ? 'good' : 'connection';
  if (claims.nonce !== undefined && time.isNonce(claims.nonce)) return 'good';
  const isFresh = Math.abs(time.nowSeconds - claims.iat) <= freshSeconds && claims.iat > time.forgottenSeconds;
  return isFresh && target.needsNonce !== true ? 'good' : 'nonce';
}

function isAddressed(htu: string, allowed: readonly string[]): boolean {
  const shown = comparableUrl(htu);
  return shown !== undefined && allowed.some((url) => comparableUrl(url) === shown);
}

/** RFC 9449 §4.2: base64url of SHA-256 of the ASCII of the credential. */
function athOf(credential: string): string {
  return createHash('sha256').update(credential).digest('base64url');
}
