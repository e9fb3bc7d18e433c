import { type AccessClaims, toFailure } from '@latchkey/contract';
import type { Verifier } from '../verify/verify.ts';

/** The check of access tokens, which counts its results: `ok`, or the error code. */
export function countVerifications(verify: Verifier['verify']) {
  const counts = new Map<string, number>();
  const count = (result: string) => void counts.set(result, (counts.get(result) ?? 0) + 1);
  function countSuccess(claims: AccessClaims): AccessClaims {
    count('ok');
    return claims;
  }
  function countFailure(error: unknown): never {
    count(toFailure(error).code);
    throw error;
  }

  return Object.freeze({
    counts: () => Object.fromEntries(counts),
    verify: ((token, options) => {
      try {
        const claims = verify(token, options);
        return claims instanceof Promise ? claims.then(countSuccess, countFailure) : countSuccess(claims);
      } catch (error) {
        return countFailure(error);
      }
    }) as Verifier['verify'],
  });
}
