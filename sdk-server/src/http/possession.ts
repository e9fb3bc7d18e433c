import type { IncomingMessage } from 'node:http';
import { type AccessClaims, fail } from '@latchkey/contract';
import type { Proofs } from '../proof/proofs.ts';
import type { ShownCredential } from './credential.ts';

/** What a guard reads of a request. */
export interface GuardedRequest extends Pick<IncomingMessage, 'headers' | 'method' | 'url'> {
  /** The path and query as they came, where a framework cuts `url` short for mounted routes. */
  readonly originalUrl?: string | undefined;
  readonly socket?: object | null;
}

/** Whether the caller holds the key that the token is bound to; throws when not. */
export type CheckPossession = (claims: AccessClaims, shown: ShownCredential, request: GuardedRequest) => Promise<void>;

/**
 * A token that is bound to a key comes as `DPoP` with a proof by that key, any other as `Bearer` (RFC 9449 §7).
 *
 * @throws unauthenticated as `DPoP`, but not bound · proof_required as `Bearer`, or without a proof · proof_invalid · use_dpop_nonce
 */
export function createCheckPossession(deps: { proofs: Proofs; publicUrl: string | undefined }): CheckPossession {
  const { proofs, publicUrl } = deps;
  return async (claims, { scheme, token }, request) => {
    const jkt = claims.cnf?.jkt;
    if (jkt === undefined && scheme === 'Bearer') return;
    if (jkt === undefined) throw fail('unauthenticated', { detail: 'not bound to a key' });
    const proof = request.headers.dpop;
    if (scheme !== 'DPoP' || proof === undefined) throw fail('proof_required');
    const shownBy = await proofs.check(String(proof), {
      htm: request.method ?? '',
      htu: addressesOf(request, publicUrl),
      credential: token,
    });
    if (shownBy !== jkt) throw fail('proof_invalid', { detail: 'of another key' });
  };
}

function addressesOf({ headers, url, originalUrl, socket }: GuardedRequest, publicUrl: string | undefined): string[] {
  const path = originalUrl ?? url ?? '';
  // Anything but a path (`*`, a whole URL) could change what stands before it.
  if (!path.startsWith('/')) return [];
  if (publicUrl !== undefined) return [publicUrl + path];
  if (!plainHost.test(headers.host ?? '')) return [];
  return [`${isEncrypted(socket) ? 'https' : 'http'}://${headers.host}${path}`];
}

/** Host and port alone: `api.example/a?` would make every path the one that the proof names. */
const plainHost = /^[^/?#@\\\s]+$/;

const isEncrypted = (socket: object | null | undefined): boolean =>
  socket !== null && socket !== undefined && 'encrypted' in socket && socket.encrypted === true;
