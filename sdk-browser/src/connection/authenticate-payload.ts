import type { DatabaseClockEstimate } from '../platform/database-clock.ts';
import type { CodeExchange, PendingCode } from '../tokens/code-exchange.ts';
import type { StoredToken } from '../tokens/token.ts';
import type { TokenStore } from '../tokens/token-store.ts';

/** The credential that is presented to the service: the pending code or the stored token. */
export type SessionCredential =
  | { readonly kind: 'code'; readonly credential: string; readonly pending: PendingCode }
  | { readonly kind: 'token'; readonly credential: string; readonly held: StoredToken };

interface AuthenticatePayloadDeps {
  readonly tokenStore: Pick<TokenStore, 'read' | 'rotationKeysFor'>;
  readonly codeExchange: Pick<CodeExchange, 'pending'>;
  readonly databaseClock: Pick<DatabaseClockEstimate, 'stamp'>;
}

/** Returns the pending code, else the stored token, else `undefined`. */
export function chooseCredential({
  tokenStore,
  codeExchange,
}: Pick<AuthenticatePayloadDeps, 'tokenStore' | 'codeExchange'>): SessionCredential | undefined {
  const { pending } = codeExchange;
  if (pending !== undefined) return { kind: 'code', credential: pending.code, pending };
  const held = tokenStore.read();
  return held === undefined ? undefined : { kind: 'token', credential: held.token, held };
}

/**
 * Returns the payload of `authenticate`. Call it in the task that sends, because it has the time of sending. Stores a rotation key
 * when there is none for this token (docs/token-storage.md#rotation-keys-before-they-are-sent).
 */
export function toAuthenticatePayload(
  { tokenStore, databaseClock }: AuthenticatePayloadDeps,
  credential: SessionCredential,
  proof: string | undefined,
) {
  const common = { ...databaseClock.stamp(), ...(proof === undefined ? {} : { proof }) };
  if (credential.kind === 'code') {
    const { code, verifier, rotationKey } = credential.pending;
    return { code, code_verifier: verifier, rotation_key: rotationKey, ...common };
  }
  const { rotationKey, alsoRotationKeys } = tokenStore.rotationKeysFor(credential.held);
  const further = alsoRotationKeys.length === 0 ? {} : { also_rotation_keys: alsoRotationKeys };
  return { token: credential.credential, rotation_key: rotationKey, ...further, ...common };
}
