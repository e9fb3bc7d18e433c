import type { Failure, TokenResponse } from '@latchkey/contract';
import type { HttpClient } from '../http/http-client.ts';
import { servicePaths } from '../http/paths.ts';
import type { DatabaseClockEstimate } from '../platform/database-clock.ts';
import { fail, wrapError } from '../platform/fail.ts';
import type { Timers } from '../platform/timers.ts';
import { decodeToken, isNewer, type StoredToken } from '../tokens/token.ts';
import type { TokenEndReason, TokenStore } from '../tokens/token-store.ts';
import { rereadDelayMs } from './backoff.ts';
import { policyFor } from './refusal-policy.ts';

interface HttpRotationDeps {
  readonly http: HttpClient;
  readonly tokenStore: TokenStore;
  readonly databaseClock: Pick<DatabaseClockEstimate, 'stamp'>;
  readonly timers: Timers;
  readonly random: () => number;
  /** Called when the service has refused the session permanently. */
  readonly onEnded: (sid: string, reason: TokenEndReason) => void;
}

const maxRetryMs = 12_000;

function readStoredToken(tokenStore: TokenStore): StoredToken {
  const held = tokenStore.read();
  if (held === undefined) throw fail('unauthenticated');
  return held;
}

function storeNextToken(tokenStore: TokenStore, answer: TokenResponse): TokenResponse {
  const next = decodeToken(answer.refresh_token);
  if (next === undefined) throw fail('internal_error', { detail: 'The response has no token.' });
  if (tokenStore.store(next, { fresh: false }) === 'foreign') throw fail('unauthenticated');
  return answer;
}

/** True if the rotation may be tried again: another tab has a newer token, or the service asked for a retry. */
function mayRetry({ tokenStore, onEnded }: HttpRotationDeps, held: StoredToken, failure: Failure): boolean {
  const now = tokenStore.read();
  if (now !== undefined && isNewer(now, held)) return true;
  const policy = policyFor(failure.code);
  if (policy === 'end') {
    tokenStore.quarantine(held.sid, failure.code);
    onEnded(held.sid, failure.code);
  }
  // `/oauth/token` answers contended, superseded and busy with 503 and Retry-After.
  return policy === 'reread' || (policy === 'wait' && failure.retryAfterMs !== undefined);
}

/**
 * Replaces the token of the session by the refresh grant (RFC 6749 §6), by the rules of the token store. Resolves with the
 * response. Rejects with `unauthenticated` when the token store is empty, or with the last refusal after 12 s of retries.
 */
export async function rotateOverHttp(deps: HttpRotationDeps): Promise<TokenResponse> {
  const { http, tokenStore, databaseClock, timers, random } = deps;
  const until = timers.now() + maxRetryMs;
  for (;;) {
    let held = readStoredToken(tokenStore);
    /** Reads the token again in the task that sends, because another tab may have changed it while the proof was made. */
    const body = () => {
      held = readStoredToken(tokenStore);
      const grant = { grant_type: 'refresh_token', refresh_token: held.token };
      return { ...grant, ...tokenStore.rotationKeysFor(held), ...databaseClock.stamp() };
    };
    try {
      await tokenStore.whenWritten?.(held);
      return storeNextToken(tokenStore, await http.postJson<TokenResponse>(servicePaths.oauthToken, body));
    } catch (cause) {
      const failure = wrapError(cause, 'unavailable');
      const wait = Math.max(rereadDelayMs(random), failure.retryAfterMs ?? 0);
      if (!mayRetry(deps, held, failure) || timers.now() + wait > until) throw failure;
      await new Promise<void>((resolve) => timers.after(wait, resolve));
    }
  }
}
