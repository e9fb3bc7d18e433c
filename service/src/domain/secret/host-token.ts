import { createSecretKey, type KeyObject } from 'node:crypto';
import { verifyJwt } from '@latchkey/core/internal';
import type { JwtPayload } from 'jsonwebtoken';

/**
 * Reads JWTs (HS256) that the host application itself signed with one of the service's secrets. Nothing else accepts them: the
 * service's own tokens are signed with keys derived from the secrets.
 *
 * @returns a function that gives the claims, or `undefined` for any other text
 * @example
 * const readHostToken = createHostTokenReader(() => secrets);
 * readHostToken(jwt.sign({ sub: userId }, secrets[0]));
 */
export function createHostTokenReader(secrets: () => readonly string[]): (token: string) => JwtPayload | undefined {
  let keys: readonly KeyObject[] | undefined;
  return (token) => {
    keys ??= secrets().map((secret) => createSecretKey(Buffer.from(secret)));
    for (const key of keys) {
      try {
        // The service caps its life by the database's clock.
        const claims = verifyJwt(token, key, { algorithm: 'HS256' });
        if (typeof claims === 'object') return claims as JwtPayload;
      } catch {}
    }
    return undefined;
  };
}
