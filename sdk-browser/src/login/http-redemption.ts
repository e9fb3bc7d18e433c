import { reservedClaims, type TokenAnswer } from '@latchkey/contract';
import { fail } from '../fail.ts';
import type { Http } from '../fetch/http.ts';
import { paths } from '../fetch/paths.ts';
import type { DatabaseClock } from '../platform/database-clock.ts';
import type { SessionUser } from '../session-state.ts';
import type { Jar } from '../storage/jar.ts';
import { decodeToken, type HeldToken, readClaims } from '../storage/token.ts';
import type { PendingCode, Redemption } from './redemption.ts';

/** What a code was redeemed for. */
export interface Redeemed {
  readonly user: SessionUser;
  readonly held: HeldToken;
  readonly answer: TokenAnswer;
}

interface HttpRedemptionNeeds {
  readonly http: Http;
  readonly jar: Jar;
  readonly redemption: Pick<Redemption, 'pending'>;
  readonly databaseClock: Pick<DatabaseClock, 'stamp'>;
}

/** The user as `authenticated` names it: the claims of the `claim` hook, with `id` and `tenant_id`. */
function userOf(accessToken: string): SessionUser {
  const { sub, tid, ...claims } = readClaims(accessToken) as { sub: string; tid: string };
  const own = Object.entries(claims).filter(([name]) => !(reservedClaims as readonly string[]).includes(name));
  return { ...Object.fromEntries(own), id: sub, tenant_id: tid };
}

/**
 * Redeems a code by the authorization code grant (RFC 6749 §4.1.3) and stores the session's token. With the same rotation
 * key as on the socket, so that a code whose answer was lost there gives the same session.
 *
 * Rejects with `code_*`, `pkce_mismatch`, `internal_error` for an answer that holds no tokens, or `unavailable`, also when the
 * code was redeemed on the socket, or given up, meanwhile.
 */
export async function redeemOverHttp(
  { http, jar, redemption, databaseClock }: HttpRedemptionNeeds,
  pending: PendingCode,
): Promise<Redeemed> {
  const { code, verifier, rotationKey } = pending;
  const grant = { grant_type: 'authorization_code', code, code_verifier: verifier, rotation_key: rotationKey };
  const answer = await http.postJson<TokenAnswer>(paths.oauthToken, () => ({ ...grant, ...databaseClock.stamp() }));
  const held = decodeToken(answer.refresh_token);
  if (held === undefined || typeof answer.access_token !== 'string') throw fail('internal_error');
  if (redemption.pending !== pending) throw fail('unavailable');
  jar.store(held, { fresh: true });
  return { user: userOf(answer.access_token), held, answer };
}
