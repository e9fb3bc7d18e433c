import type { PendingCode, Redemption } from '../login/redemption.ts';
import type { DatabaseClock } from '../platform/database-clock.ts';
import type { Jar } from '../storage/jar.ts';
import type { HeldToken } from '../storage/token.ts';

/** What is shown to the service: the code that is being redeemed, or the jar's token. */
export type Shown =
  | { readonly kind: 'code'; readonly credential: string; readonly pending: PendingCode }
  | { readonly kind: 'token'; readonly credential: string; readonly held: HeldToken };

interface PresentationNeeds {
  readonly jar: Pick<Jar, 'read' | 'keysFor'>;
  readonly redemption: Pick<Redemption, 'pending'>;
  readonly databaseClock: Pick<DatabaseClock, 'stamp'>;
}

/** What there is to show now; a code goes first. */
export function pickShown({ jar, redemption }: Pick<PresentationNeeds, 'jar' | 'redemption'>): Shown | undefined {
  const { pending } = redemption;
  if (pending !== undefined) return { kind: 'code', credential: pending.code, pending };
  const held = jar.read();
  return held === undefined ? undefined : { kind: 'token', credential: held.token, held };
}

/**
 * The payload of `authenticate`, made when it is sent, because it says when that is. Stores a rotation key when the jar has
 * none for this token (docs/token-storage.md#rotation-keys-before-they-are-sent).
 */
export function payloadOf({ jar, databaseClock }: PresentationNeeds, what: Shown, proof: string | undefined) {
  const common = { ...databaseClock.stamp(), ...(proof === undefined ? {} : { proof }) };
  if (what.kind === 'code') {
    const { code, verifier, rotationKey } = what.pending;
    return { code, code_verifier: verifier, rotation_key: rotationKey, ...common };
  }
  const { rotationKey, alsoRotationKeys } = jar.keysFor(what.held);
  const further = alsoRotationKeys.length === 0 ? {} : { also_rotation_keys: alsoRotationKeys };
  return { token: what.credential, rotation_key: rotationKey, ...further, ...common };
}
