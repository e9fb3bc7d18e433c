import { type AccessClaims, fail, hasScope, scopePattern } from '@latchkey/contract';

/**
 * A further condition on the caller. When it does not hold it throws a `Failure`, or rejects with one; `false`, or a promise
 * of it, is `forbidden`.
 */
export interface Guard {
  (claims: AccessClaims, nowSeconds: number): unknown;
  /** Attributes of the challenge, such as the missing scope. */
  readonly challenge: Readonly<Record<string, string>>;
}

function createGuard(check: (claims: AccessClaims, nowSeconds: number) => void, challenge: Guard['challenge']): Guard {
  return Object.freeze(Object.assign(check, { challenge: Object.freeze(challenge) }));
}

/**
 * Lets a caller pass whose access token has the scope (its `scope` claim, names separated by spaces, RFC 9068 §2.2.3).
 * Otherwise 403 `insufficient_scope`, also in `WWW-Authenticate` (RFC 6750 §3.1). Which scopes a user may have is set in the
 * service: `LATCHKEY_DEFAULT_SCOPES`, or its hook `scopes`.
 *
 * @throws TypeError when the name is no scope of RFC 6749 §3.3
 * @example
 * app.get('/report', latchkey.express({ require: [requireScope('report')] }), report);
 */
export function requireScope(scope: string): Guard {
  assertScopeName(scope);
  return createGuard(
    (claims) => {
      if (!hasScope(claims.scope, scope))
        throw fail('insufficient_scope', { message: `This route needs the scope ${scope}.` });
    },
    { error: 'insufficient_scope', scope },
  );
}

/** @throws TypeError when the name is no scope of RFC 6749 §3.3 */
export function assertScopeName(scope: string): void {
  if (!scopePattern.test(scope))
    throw new TypeError(`"${scope}" is no scope: it has to be one word of printable ASCII`);
}

/**
 * Lets a caller pass who proved the password (or another factor) at most so many seconds ago. Otherwise 401
 * `reauthentication_required` with `insufficient_user_authentication` and `max_age` (step-up, RFC 9470).
 *
 * @throws TypeError when the age is no whole number of seconds, 0 or more
 * @example
 * router.post('/transfer', latchkey.koa({ require: [maxAuthAge(900)] }), transfer);
 */
export function maxAuthAge(seconds: number): Guard {
  if (!Number.isSafeInteger(seconds) || seconds < 0) throw new TypeError('maxAuthAge wants whole seconds, 0 or more');
  return createGuard(
    (claims, nowSeconds) => {
      if (nowSeconds - claims.auth_time > seconds) throw fail('reauthentication_required');
    },
    { error: 'insufficient_user_authentication', max_age: String(seconds) },
  );
}
