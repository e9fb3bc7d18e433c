import { reservedClaims, type SessionUser, type TokenResponse } from '@latchkey/contract';
import type { HttpClient } from '../http/http-client.ts';
import { servicePaths } from '../http/paths.ts';
import type { DatabaseClockEstimate } from '../platform/database-clock.ts';
import { fail } from '../platform/fail.ts';
import type { CodeExchange, PendingCode } from '../tokens/code-exchange.ts';
import { decodeClaims, decodeToken, type StoredToken } from '../tokens/token.ts';
import type { TokenStore } from '../tokens/token-store.ts';

/** Result of a code exchange over HTTP. */
export interface CodeExchangeResult {
  readonly user: SessionUser;
  readonly held: StoredToken;
  readonly answer: TokenResponse;
}

export interface HttpCodeExchangeDeps {
  readonly http: HttpClient;
  readonly tokenStore: TokenStore;
  readonly codeExchange: Pick<CodeExchange, 'pending'>;
  readonly databaseClock: Pick<DatabaseClockEstimate, 'stamp'>;
}

/** Returns the user in the form of `authenticated`: `id`, `tenant_id` and the claims of the hook `claim`. */
function userOf(accessToken: string): SessionUser {
  const { sub, tid, ...claims } = decodeClaims(accessToken) as { sub: string; tid: string };
  const own = Object.entries(claims).filter(([name]) => !(reservedClaims as readonly string[]).includes(name));
  return { ...Object.fromEntries(own), id: sub, tenant_id: tid };
}

/**
 * Redeems a code by the authorization code grant (RFC 6749 §4.1.3) and stores the token. It sends the rotation key of the
 * socket, so that a code whose answer was lost there returns the same session.
 *
 * Rejects with `code_*`, `pkce_mismatch`, `internal_error` for an answer without tokens, or `unavailable`. It rejects with
 * `unavailable`, too, when the code is no longer pending.
 */
export async function exchangeCodeOverHttp(
  { http, tokenStore, codeExchange, databaseClock }: HttpCodeExchangeDeps,
  pending: PendingCode,
): Promise<CodeExchangeResult> {
  const grant = { grant_type: 'authorization_code', ...pending };
  const body = () => ({ ...grant, ...databaseClock.stamp() });
  const answer = await http.postJson<TokenResponse>(servicePaths.oauthToken, body);
  const held = decodeToken(answer.refresh_token);
  if (held === undefined || typeof answer.access_token !== 'string') throw fail('internal_error');
  if (codeExchange.pending !== pending) throw fail('unavailable');
  tokenStore.store(held, { fresh: true });
  return { user: userOf(answer.access_token), held, answer };
}
