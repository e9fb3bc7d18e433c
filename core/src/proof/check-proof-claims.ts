import { createHash } from 'node:crypto';
import type { ProofClaims } from '@latchkey/contract';
import { normalizeHtu } from './normalize-htu.ts';

/** The request for which a proof must have been made. */
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

/** Result of the check. `nonce`: only the time is wrong, so a proof with the server's newest nonce would be accepted. */
type ProofCheck = 'good' | 'nonce' | 'method' | 'address' | 'credential' | 'connection';

/** How far `iat` may be from this machine's clock, in seconds, either way. */
export const maxProofAgeSeconds = 60;

/** Times with which the `iat` of a proof is compared. */
interface ProofTiming {
  readonly nowSeconds: number;
  readonly isNonce: (nonce: string) => boolean;
  /** A proof with an `iat` up to here may have been used before, because the replay cache was cleared. */
  readonly minIatSeconds: number;
}

/** Checks the claims of a proof with a valid signature (RFC 9449 §4.3, checks 8 to 12). */
export function checkProofClaims(claims: ProofClaims, target: ProofTarget, time: ProofTiming): ProofCheck {
  if (claims.htm !== target.htm) return 'method';
  if (!matchesUrl(claims.htu, target.htu)) return 'address';
  if (target.credential !== undefined && claims.ath !== hashAth(target.credential)) return 'credential';
  if (target.connectionId !== undefined) return claims.nonce === target.connectionId ? 'good' : 'connection';
  if (claims.nonce !== undefined && time.isNonce(claims.nonce)) return 'good';
  const isFresh = Math.abs(time.nowSeconds - claims.iat) <= maxProofAgeSeconds && claims.iat > time.minIatSeconds;
  return isFresh && target.needsNonce !== true ? 'good' : 'nonce';
}

function matchesUrl(htu: string, allowed: readonly string[]): boolean {
  const shown = normalizeHtu(htu);
  return shown !== undefined && allowed.some((url) => normalizeHtu(url) === shown);
}

/** RFC 9449 §4.2: base64url of SHA-256 of the ASCII of the credential. */
function hashAth(credential: string): string {
  return createHash('sha256').update(credential).digest('base64url');
}
