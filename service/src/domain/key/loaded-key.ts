import type { KeyObject } from 'node:crypto';
import { jwkThumbprint, toPublicKey } from '@latchkey/core/internal';
import type { WrappingKeys } from '../../base/wrap.ts';
import { type KeyState, type PublicJwk, toPublicJwk, toPublicPoint } from './key.ts';
import type { StoredKey } from './key-store.ts';
import { unwrapKey } from './key-wrap.ts';

/** A signing key in memory. */
export interface LoadedKey {
  readonly state: KeyState;
  readonly publicKey: KeyObject;
  readonly jwk: PublicJwk;
  /** Absent when this node cannot unwrap it. */
  readonly privateKey: KeyObject | undefined;
}

/**
 * A row as an entry of the map by kid. A row whose public half does not hash to its kid was not written by this service, and
 * is left out.
 *
 * @param known the private key, where it was unwrapped before
 */
export function loadKey(row: StoredKey, wrap: WrappingKeys, known: KeyObject | undefined): [string, LoadedKey][] {
  const { kid, state, point, wrapped } = row;
  if (jwkThumbprint(point) !== kid) return [];
  const unwrapped = known ?? unwrapKey(wrap, kid, wrapped);
  const isItself = unwrapped !== undefined && jwkThumbprint(toPublicPoint(unwrapped)) === kid;
  const privateKey = isItself ? unwrapped : undefined;
  return [[kid, { state, publicKey: toPublicKey(point), jwk: toPublicJwk(kid, point), privateKey }]];
}
