import type { DatabaseClockEstimate } from '../platform/database-clock.ts';
import type { CodeExchange, PendingCode } from '../tokens/code-exchange.ts';
import type { StoredToken } from '../tokens/token.ts';
import type { TokenStore } from '../tokens/token-store.ts';

/** The credential that is presented to the service: the pending code or the stored token. */
export type SessionCredential = PendingCode | StoredToken;

interface AuthenticatePayloadDeps {
  readonly tokenStore: Pick<TokenStore, 'read' | 'rotationKeysFor'>;
  readonly codeExchange: Pick<CodeExchange, 'pending'>;
  readonly databaseClock: Pick<DatabaseClockEstimate, 'stamp'>;
}

export function isCode(what: SessionCredential | undefined): what is PendingCode {
  return what !== undefined && 'code' in what;
}

export function textOf(what: SessionCredential | undefined): string | undefined {
  return isCode(what) ? what.code : what?.token;
}

/** Returns the pending code, else the stored token, else `undefined`. Each call returns a new object, so that attempts differ. */
export function chooseCredential({
  tokenStore,
  codeExchange,
}: Pick<AuthenticatePayloadDeps, 'tokenStore' | 'codeExchange'>): SessionCredential | undefined {
  const what = codeExchange.pending ?? tokenStore.read();
  return what && { ...what };
}

/**
 * Returns the payload of `authenticate`. Call it in the task that sends, because it has the time of sending. Stores a rotation key
 * when there is none for this token (docs/why/token-storage.md#rotation-keys-before-they-are-sent).
 */
export function toAuthenticatePayload(
  { tokenStore, databaseClock }: AuthenticatePayloadDeps,
  what: SessionCredential,
  proof: string | undefined,
) {
  const shown = isCode(what) ? what : { token: what.token, ...tokenStore.rotationKeysFor(what) };
  return { ...shown, ...databaseClock.stamp(), ...(proof === undefined ? {} : { proof }) };
}
