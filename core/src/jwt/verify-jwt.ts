import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';

interface VerifyJwtOptions {
  readonly algorithm: 'ES256' | 'HS256';
  /** Checks `exp` and `nbf` at this time, in epoch seconds. Default: the caller checks the times. */
  readonly nowSeconds?: number;
  /** Allowed difference of clocks for `exp` and `nbf`. Default: 0. */
  readonly toleranceSeconds?: number;
}

/**
 * Verifies the signature of a JWT by one algorithm (RFC 8725 §3.1). Returns the payload; the caller has checked `typ` and
 * `crit` of the header, and checks the claims.
 *
 * @throws Error see {@link isExpired} and {@link isWrongSignature}
 */
export function verifyJwt(token: string, key: KeyObject, options: VerifyJwtOptions): unknown {
  const { algorithm, nowSeconds, toleranceSeconds = 0 } = options;
  const time =
    nowSeconds === undefined
      ? { ignoreExpiration: true, ignoreNotBefore: true }
      : { clockTimestamp: Math.floor(nowSeconds), clockTolerance: toleranceSeconds };
  return jwt.verify(token, key, { algorithms: [algorithm], ...time });
}

/** True for the error of a JWT whose `exp` has passed. */
export const isExpired = (error: unknown): boolean => error instanceof jwt.TokenExpiredError;

/** True for the error of a JWT that another key signed. */
export const isWrongSignature = (error: unknown): boolean =>
  error instanceof jwt.JsonWebTokenError && error.message === 'invalid signature';
